import { Command } from 'commander'
import packageFile from '../package.json' with { type: 'json' }
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { importCommand } from './commands/import.ts'
import { migrateCommand } from './commands/migrate.ts'
import { rotateKeysCommand } from './commands/rotate-keys.ts'
import { runProgram } from './commands/run.ts'
import { serveCommand } from './commands/serve.ts'

const program = new Command('kitaab')
  .description('Personal accountability: a GraphQL service on PostgreSQL.')
  .version(packageFile.version)

for (const command of [serveCommand, migrateCommand, demoCommand, importCommand, rotateKeysCommand, doctorCommand])
  program.addCommand(command())

await runProgram(program, process.argv)

import { Command } from 'commander'
import packageFile from '../package.json' with { type: 'json' }
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { grantRoleCommand } from './commands/grant-role.ts'
import { importCommand } from './commands/import.ts'
import { migrateCommand } from './commands/migrate.ts'
import { rotateKeysCommand } from './commands/rotate-keys.ts'
import { runProgram } from './commands/run.ts'
import { serveCommand } from './commands/serve.ts'
import { workerCommand } from './commands/worker.ts'

const program = new Command('kitaab')
  .description('Personal accountability: a GraphQL service on PostgreSQL.')
  .version(packageFile.version)

const commands = [
  serveCommand,
  workerCommand,
  migrateCommand,
  demoCommand,
  importCommand,
  rotateKeysCommand,
  grantRoleCommand,
  doctorCommand,
]
for (const command of commands) program.addCommand(command())

await runProgram(program, process.argv)

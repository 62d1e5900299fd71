// `npm run generate`: the types of database rows (from a freshly migrated database) and of resolvers (from schema.graphql), and
// docs/export-format.md, which every archive holds as its README.
// With `--check` nothing is written; it exits 1 and says so when a committed file is not what would be generated.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { readmeText } from '../src/domains/transfer/archive/readme.ts'
import { socketVariable, startTestServer, templateName } from '../test/support/test-server.ts'

const checking = process.argv.includes('--check')

function run(command: string, args: readonly string[]): boolean {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status === 0) return true
  console.error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`)
  return false
}

async function databaseTypes(): Promise<boolean> {
  const server = await startTestServer()
  try {
    const socket = encodeURIComponent(process.env[socketVariable] ?? '')
    const url = `postgres://postgres@localhost/${templateName}?host=${socket}`
    return run('kysely-codegen', ['--url', url, ...(checking ? ['--verify'] : [])])
  } finally {
    await server.stop()
  }
}

function exportFormat(): boolean {
  const file = 'docs/export-format.md'
  if (checking) return readFileSync(file, 'utf8') === readmeText()
  writeFileSync(file, readmeText())
  return true
}

const current = [
  exportFormat(),
  await databaseTypes(),
  run('graphql-codegen', ['--config', 'codegen.yml', ...(checking ? ['--check'] : [])]),
]
if (current.includes(false)) {
  if (checking) console.error('Generated code is not current: run "npm run generate" and commit the result.')
  process.exitCode = 1
}

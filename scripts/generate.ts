// `npm run generate`: the types of database rows (from a freshly migrated database) and of resolvers (from schema.graphql), and
// docs/export-format.md, which every archive holds as its README. Rows of surveys come from a database with PostGIS: where none is
// installed, their file stays as it is.
// With `--check` nothing is written; it exits 1 and says so when a committed file is not what would be generated.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { readmeText } from '../src/domains/transfer/archive/readme.ts'
import { startPostgisServer } from '../test/support/postgis-server.ts'
import { startTestServer, type TestServer, templateName } from '../test/support/test-server.ts'

const checking = process.argv.includes('--check')

function run(command: string, args: readonly string[]): boolean {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status === 0) return true
  console.error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`)
  return false
}

async function databaseTypes(server: TestServer, config: string): Promise<boolean> {
  try {
    const url = `postgres://postgres@localhost/${templateName}?host=${encodeURIComponent(server.socketFolder)}`
    return run('kysely-codegen', ['--config-file', config, '--url', url, ...(checking ? ['--verify'] : [])])
  } finally {
    await server.stop()
  }
}

async function surveyTypes(): Promise<boolean> {
  const server = await startPostgisServer()
  if (server !== null) return databaseTypes(server, '.kysely-codegenrc.surveys.json')
  console.error(
    'src/generated/surveys.ts was not compared: there is no PostGIS here (Debian: postgresql-15-postgis-3).',
  )
  return !process.env.CI
}

function exportFormat(): boolean {
  const file = 'docs/export-format.md'
  if (checking) return readFileSync(file, 'utf8') === readmeText()
  writeFileSync(file, readmeText())
  return true
}

const current = [
  exportFormat(),
  await databaseTypes(await startTestServer(), '.kysely-codegenrc.json'),
  await surveyTypes(),
  run('graphql-codegen', ['--config', 'codegen.yml', ...(checking ? ['--check'] : [])]),
]
if (current.includes(false)) {
  if (checking) console.error('Generated code is not current: run "npm run generate" and commit the result.')
  process.exitCode = 1
}

import net from 'node:net'
import { describe } from '@jest/globals'
import { newDatabase, type TestDatabase } from './database.ts'
import { postgisBinaries, postgisVariable } from './postgis-server.ts'

/** Whether what needs PostGIS can be tried here. Where everything must be tried (CI) it throws instead of saying no. */
export function hasPostgis(): boolean {
  if (postgisBinaries() !== null) return true
  if (process.env.CI) throw new Error('There is no PostGIS to try this with: install postgresql-15-postgis-3.')
  return false
}

/** Tests that need PostGIS: skipped with one line where there is none. */
export function describeWithPostgis(what: string, tests: () => void): void {
  if (hasPostgis()) describe(what, tests)
  else {
    console.warn(`${what}: not tried without PostGIS (apt-get install postgresql-15-postgis-3).`)
    describe.skip(what, tests)
  }
}

/** A database of the test's own with PostGIS: a copy of the template with all migrations, or of another one. For `startService`, too. */
export async function newPostgisDatabase(options: { template?: string } = {}): Promise<TestDatabase> {
  return newDatabase({ ...options, socketFolder: await askForServer() })
}

let asked: Promise<string> | undefined

/** The socket's folder of the server that all test files share; started for the first. */
function askForServer(): Promise<string> {
  asked ??= ask().then((answer) => {
    const { socketFolder, error } = JSON.parse(answer)
    if (typeof socketFolder === 'string') return socketFolder
    throw new Error(error ?? 'There is no PostGIS here.')
  })
  return asked
}

async function ask(): Promise<string> {
  const address = process.env[postgisVariable]
  if (address === undefined) throw new Error('Nobody offers PostGIS: start the tests with "npm test".')
  const socket = net.connect(address)
  let answer = ''
  for await (const text of socket.setEncoding('utf8')) answer += text
  return answer
}

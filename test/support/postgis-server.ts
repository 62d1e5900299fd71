import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { startServer, type TestServer } from './test-server.ts'

/** Tells the test files where to ask for the server with PostGIS. */
export const postgisVariable = 'KITAAB_TEST_POSTGIS'

const installations = '/usr/lib/postgresql'

/** The programs of a PostgreSQL with PostGIS, of the newest version installed here as Debian does it; null where there is none. */
export function postgisBinaries(): string | null {
  if (!fs.existsSync(installations)) return null
  const versions = fs.readdirSync(installations).toSorted((a, b) => Number(b) - Number(a))
  const found = versions.find(
    (version) =>
      fs.existsSync(path.join(installations, version, 'bin/postgres')) &&
      fs.existsSync(`/usr/share/postgresql/${version}/extension/postgis.control`),
  )
  return found === undefined ? null : path.join(installations, found, 'bin')
}

/** A throwaway server with PostGIS and the migrated template; socket only, and never as root. Null where it is not installed. */
export async function startPostgisServer(): Promise<TestServer | null> {
  const binaries = postgisBinaries()
  return binaries === null ? null : startServer(binaries)
}

/**
 * Starts that server when the first test file asks for it, for all of the run. Who connects to the socket that stands in the environment
 * is answered one line of JSON: `{ socketFolder }`, null where PostGIS is not installed, or `{ error }`.
 */
export async function offerPostgis() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kitaab-postgis-'))
  const address = path.join(folder, 'socket')
  let starting: Promise<TestServer | null> | undefined
  const answer = async () => {
    starting ??= startPostgisServer()
    return { socketFolder: (await starting)?.socketFolder ?? null }
  }
  const listener = net.createServer((socket) => {
    socket.on('error', () => {})
    answer()
      .catch((error: unknown) => ({ error: String(error) }))
      .then((said) => socket.end(JSON.stringify(said)))
  })
  await new Promise<void>((resolve, reject) => listener.once('error', reject).listen(address, resolve))
  process.env[postgisVariable] = address
  return {
    async stop() {
      await new Promise((resolve) => listener.close(resolve))
      const server = await starting?.catch(() => null)
      await server?.stop()
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}

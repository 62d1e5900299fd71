import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Connections } from '../connections.ts'
import { embeddedConnections } from '../connections.ts'
import { holderOf } from './home-lock.ts'
import { socketConnection } from './server.ts'

const pollMs = 50
const startingDeadlineMs = 60_000

/** Connections to the server that another process runs on this home, awaited while that is starting; null when none does. */
export async function runningServer(home: string): Promise<Connections | null> {
  const deadline = Date.now() + startingDeadlineMs
  while (Date.now() < deadline) {
    const holder = holderOf(path.resolve(home))
    if (holder === null) return null
    const { socketFolder } = holder
    if (socketFolder !== undefined) {
      return embeddedConnections({ connection: (role, database) => socketConnection(socketFolder, role, database) })
    }
    await delay(pollMs)
  }
  throw new Error(`Another command has been starting the database of ${home} for a minute: stop it, then try again.`)
}

import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type pg from 'pg'
import { readClaim } from '../../src/platform/database/embedded/postmaster.ts'
import { socketConnection } from '../../src/platform/database/embedded/server.ts'

/** Starts a home's server in a process of its own: one that a test can kill, or stop with SIGTERM. */
export async function holdHome(home: string) {
  const script = path.join(import.meta.dirname, 'hold-home.ts')
  const child = spawn(process.execPath, [script, home], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const { host, data } = JSON.parse(line) as { host: string; data: string }
    const config: pg.ClientConfig = socketConnection(host, 'postgres')
    return { child, config, postmaster: postmasterOf(data), data }
  }
  throw new Error('the process ended before its server was ready')
}

/** The process that serves this data directory. */
export function postmasterOf(data: string): number {
  const claim = readClaim(data)
  if (claim === null) throw new Error(`no server claims ${data}`)
  return claim.pid
}

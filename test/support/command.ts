import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import type { Connections, Role } from '../../src/platform/database/connections.ts'

const program = path.join(import.meta.dirname, '../../bin/kitaab.mjs')
/** Nothing of the developer's own configuration (an empty variable counts as absent, and goes before a .env file), and no demo world. */
const settings = [
  'DATABASE_URL',
  'DATABASE_AUTH_URL',
  'DATABASE_WORKER_URL',
  'DATABASE_READONLY_URL',
  'DATABASE_DIRECT_URL',
  'WORKER',
  'DATABASE_ADMIN_URL',
  'DATABASE_TLS',
  'DATABASE_CA',
  'NODE_ENV',
  'PORT',
  'HOST',
]
const nothing = { ...Object.fromEntries(settings.map((name) => [name, ''])), DEMO: 'off' }

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `kitaab` in a process of its own, with these variables. */
export async function kitaab(args: readonly string[], env: Record<string, string>): Promise<Outcome> {
  return startKitaab(args, env).outcome
}

/** Starts `kitaab` and lets go: its process, and what will have come of it. */
export function startKitaab(
  args: readonly string[],
  env: Record<string, string>,
  // In a group of its own a signal can be sent to all of it, as a terminal does.
  { ownGroup = false }: { readonly ownGroup?: boolean } = {},
) {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...nothing, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: ownGroup,
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (text) => {
    stdout += text
  })
  child.stderr?.on('data', (text) => {
    stderr += text
  })
  const outcome = new Promise<Outcome>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
  return { child, outcome, stderr: () => stderr }
}

/** The address of a test database, logging in as this role. */
export function addressOf(connections: Connections, role: Role): string {
  const { host = '', database = '' } = connections.forRole(role)
  return `postgres://${role}@localhost/${database}?host=${encodeURIComponent(host)}`
}

import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { spawnOptions } from './cluster.ts'
import type { Places } from './places.ts'
import { isAlive, processesIn } from './processes.ts'

const pollMs = 10
const startDeadlineMs = 60_000
const takeOverDeadlineMs = 10_000
const fastStopDeadlineMs = 15_000
const immediateStopDeadlineMs = 5_000

/** The lines of `postmaster.pid` that matter; null when no server claims the data directory. */
export interface Claim {
  readonly pid: number
  readonly socketFolder: string
  readonly ready: boolean
}

export function readClaim(data: string): Claim | null {
  let lines: string[]
  try {
    lines = fs.readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return null
  }
  const pid = Number(lines[0])
  return pid > 0 ? { pid, socketFolder: lines[4] ?? '', ready: lines[7]?.trim() === 'ready' } : null
}

/** Starts PostgreSQL on this data directory and waits until it answers; throws with the end of its log when it does not. */
export async function startPostmaster(
  places: Places,
  socketFolder: string,
  settings: Record<string, string>,
): Promise<ChildProcess> {
  const deadline = Date.now() + takeOverDeadlineMs
  for (;;) {
    const logged = sizeOf(places.log)
    const child = spawnPostmaster(places, socketFolder, settings)
    if (await becameReady(child, places.data)) return child
    const complaint = readFrom(places.log, logged)
    // The parts of a killed server may need a moment to notice that it is gone.
    const stillBusy = /lock file .* already exists|pre-existing shared memory block|is still in use/.test(complaint)
    // Ctrl-C reached it before it was in a group of its own.
    const caughtCtrlC = child.signalCode === 'SIGINT'
    if (!(stillBusy || caughtCtrlC) || Date.now() > deadline)
      throw new Error(`PostgreSQL did not start:\n${complaint.trim()}`)
    await delay(10 * pollMs)
    await clearRemains(places.data)
  }
}

function spawnPostmaster(places: Places, socketFolder: string, settings: Record<string, string>): ChildProcess {
  const all = {
    ...settings,
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
  }
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const log = fs.openSync(places.log, 'a', 0o600)
  try {
    return spawn(path.join(places.binaries.folder, 'postgres'), ['-D', places.data, ...options], {
      ...spawnOptions(places, places.data),
      stdio: ['ignore', log, log],
      // A group of its own: Ctrl-C on the terminal is ours to answer, PostgreSQL is stopped when the service is done with it.
      detached: true,
    })
  } finally {
    fs.closeSync(log)
  }
}

/** Ready as `postmaster.pid` says, or false when the process ended. */
async function becameReady(child: ChildProcess, data: string): Promise<boolean> {
  let ended = false
  child.once('exit', () => {
    ended = true
  })
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  const deadline = Date.now() + startDeadlineMs
  while (!ended && Date.now() < deadline) {
    const claim = readClaim(data)
    if (claim?.ready && claim.pid === child.pid) return true
    await Promise.race([delay(pollMs), failed])
  }
  if (!ended) await stopProcess(child.pid ?? 0)
  return false
}

/**
 * Makes a data directory free after a crash: stops a server whose launcher died, and removes the lock files of a dead one.
 * PostgreSQL does the latter itself, except when the number in the file is a zombie's or by now another process's.
 */
export async function clearRemains(data: string): Promise<void> {
  const claim = readClaim(data)
  if (claim === null) return
  const real = fs.realpathSync(data)
  const works = (pid: number) => isAlive(pid) && (process.platform !== 'linux' || processesIn(real).includes(pid))
  if (works(claim.pid)) return stopProcess(claim.pid)
  const deadline = Date.now() + takeOverDeadlineMs
  while (processesIn(real).length > 0) {
    // Only PostgreSQL's own check of its shared memory guards the data while these live: never remove the file before.
    if (Date.now() > deadline)
      throw new Error(`Processes of a killed PostgreSQL still work in ${data}: ${processesIn(real).join(', ')}`)
    await delay(pollMs)
  }
  fs.rmSync(path.join(data, 'postmaster.pid'), { force: true })
  for (const name of ['.s.PGSQL.5432', '.s.PGSQL.5432.lock']) {
    if (claim.socketFolder !== '') fs.rmSync(path.join(claim.socketFolder, name), { force: true })
  }
}

/** Stops a PostgreSQL server: open transactions are rolled back, and if it does not come to an end, it is made to. */
export async function stopProcess(pid: number): Promise<void> {
  if (await endsAfter(pid, 'SIGINT', fastStopDeadlineMs)) return
  if (await endsAfter(pid, 'SIGQUIT', immediateStopDeadlineMs)) return
  await endsAfter(pid, 'SIGKILL', immediateStopDeadlineMs)
}

async function endsAfter(pid: number, signal: NodeJS.Signals, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs
  try {
    process.kill(pid, signal)
  } catch {
    return true
  }
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false
    await delay(pollMs)
  }
  return true
}

function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function readFrom(file: string, offset: number): string {
  return fs.readFileSync(file).subarray(offset).toString('utf8').slice(-4000)
}

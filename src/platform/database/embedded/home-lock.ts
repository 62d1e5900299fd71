import fs from 'node:fs'
import path from 'node:path'
import { isAlive, startOf } from './processes.ts'

/** Who holds a home: one process runs its database at a time. */
export interface Holder {
  readonly pid: number
  readonly startedAt: string | null
  readonly command: string
}

export interface HomeLock {
  release(): void
}

const fileIn = (home: string) => path.join(home, 'lock.json')

/** The live process that holds this home, or null. */
export function holderOf(home: string): Holder | null {
  const holder = readHolder(fileIn(home))
  if (holder === null || !isAlive(holder.pid)) return null
  return holder.startedAt === startOf(holder.pid) ? holder : null
}

/** Takes the home for this process, also from one that died without giving it back. Answers the live holder if there is one. */
export function takeHome(home: string, command: string): HomeLock | Holder {
  const file = fileIn(home)
  const mine = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid), command } satisfies Holder)
  for (;;) {
    try {
      fs.writeFileSync(file, mine, { flag: 'wx' })
      return { release: () => fs.rmSync(file, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = holderOf(home)
    if (holder !== null) return holder
    removeStale(file)
  }
}

/** Of two processes that find the same dead holder only one may remove it, and never the lock that the other has just made. */
function removeStale(file: string): void {
  const aside = `${file}.stale-${process.pid}`
  try {
    fs.renameSync(file, aside)
  } catch {
    return
  }
  const moved = readHolder(aside)
  if (moved !== null && isAlive(moved.pid) && moved.startedAt === startOf(moved.pid)) fs.linkSync(aside, file)
  fs.rmSync(aside, { force: true })
}

function readHolder(file: string): Holder | null {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    // None, or one that was being written when its process was killed.
    return null
  }
}

import fs from 'node:fs'
import path from 'node:path'
import { isAlive, startOf } from './processes.ts'

/** Who holds a home: one process runs its database at a time. */
export interface Holder {
  readonly pid: number
  readonly startedAt: string | null
  readonly command: string
  /** Where its PostgreSQL answers, once it does. */
  readonly socketFolder?: string
}

export interface HomeLock {
  /** Tells other commands where the running server is. */
  publish(socketFolder: string): void
  release(): void
}

const fileIn = (home: string) => path.join(home, 'lock.json')

/** The live process that holds this home, or null. */
export function holderOf(home: string): Holder | null {
  const holder = readHolder(fileIn(home))
  return isHeld(holder) ? holder : null
}

/** A process that got a dead holder's number began at another time. */
function isHeld(holder: Holder | null): holder is Holder {
  return holder !== null && isAlive(holder.pid) && holder.startedAt === startOf(holder.pid)
}

/** Takes the home for this process, also from one that died without giving it back. Answers the live holder if there is one. */
export function takeHome(home: string, command: string): HomeLock | Holder {
  const file = fileIn(home)
  const mine: Holder = { pid: process.pid, startedAt: startOf(process.pid), command }
  const draft = `${file}.new-${process.pid}`
  fs.writeFileSync(draft, JSON.stringify(mine))
  try {
    // A link appears whole or not at all: nobody reads a half-written lock.
    while (!linked(draft, file)) {
      const holder = holderOf(home)
      if (holder !== null) return holder
      removeStale(file)
    }
  } finally {
    fs.rmSync(draft, { force: true })
  }
  return {
    publish(socketFolder) {
      fs.writeFileSync(draft, JSON.stringify({ ...mine, socketFolder }))
      fs.renameSync(draft, file)
    },
    release: () => fs.rmSync(file, { force: true }),
  }
}

function linked(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
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
  if (isHeld(readHolder(aside))) linked(aside, file)
  fs.rmSync(aside, { force: true })
}

function readHolder(file: string): Holder | null {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

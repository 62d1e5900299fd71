import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { clearRemains } from '../../src/platform/database/embedded/postmaster.ts'
import { isAlive } from '../../src/platform/database/embedded/processes.ts'

const memory = '/dev/shm'
/** Bytes. A run of all tests has some hundred MB at once. */
const enough = 4 * 1024 ** 3
const prefix = 'kitaab-tests-'

/**
 * The folder of all that a run writes, which becomes `os.tmpdir()` for its tests: in memory where there is room, as half of what it costs to
 * copy a database is making its thousand files on a disk. Folders of runs that were killed are removed, and their servers ended.
 */
export async function makeRunFolder(): Promise<string> {
  const places = [memory, os.tmpdir()].filter((place) => fs.existsSync(place))
  for (const place of places) await removeAbandoned(place)
  const folder = fs.mkdtempSync(path.join(hasRoom(memory) ? memory : os.tmpdir(), `${prefix}${process.pid}-`))
  // As /tmp is: PostgreSQL may run as another user.
  fs.chmodSync(folder, 0o1777)
  process.env.TMPDIR = folder
  return folder
}

function hasRoom(place: string): boolean {
  if (!fs.existsSync(place)) return false
  const { bavail, bsize } = fs.statfsSync(place)
  return bavail * bsize >= enough
}

async function removeAbandoned(place: string): Promise<void> {
  for (const name of fs.readdirSync(place).filter((each) => each.startsWith(prefix))) {
    const folder = path.join(place, name)
    const isMine = fs.statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.()
    if (!isMine || isAlive(Number(name.slice(prefix.length).split('-')[0]))) continue
    for (const data of fs.globSync(['*/postgres-*', '*/.kitaab/postgres-*'], { cwd: folder }))
      await clearRemains(path.join(folder, data))
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

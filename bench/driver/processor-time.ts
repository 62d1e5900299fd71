import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Microseconds of processor time that a server, and the PostgreSQL of this folder with all its processes, have had. Linux. */
export function processorTime(serverPid: number, dataDirectory: string): { server: number; database: number } {
  const postmaster = Number(readFileSync(path.join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0])
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => timesOf(Number(pid)))
  const own = (pid: number) => processes.find((each) => each.pid === pid)
  const backends = processes.filter(({ parent }) => parent === postmaster)
  const main = own(postmaster)
  return {
    server: own(serverPid)?.used ?? 0,
    // What ended meanwhile is counted with its parent.
    database: (main ? main.used + main.usedByEnded : 0) + backends.reduce((sum, { used }) => sum + used, 0),
  }
}

/** Linux counts in hundredths of a second. */
const tick = 10_000

function timesOf(pid: number) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name before it may hold anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [parent = 0, utime = 0, stime = 0, cutime = 0, cstime = 0] = [1, 11, 12, 13, 14].map((index) => fields[index])
    return [{ pid, parent, used: (utime + stime) * tick, usedByEnded: (cutime + cstime) * tick }]
  } catch {
    return []
  }
}

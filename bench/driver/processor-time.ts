import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Microseconds of processor time that a server, and the PostgreSQL of this folder with all its processes, have had. Linux. */
export function processorTime(serverPid: number, dataDirectory: string): { server: number; database: number } {
  const processes = timesOfAll()
  return {
    server: processes.find(({ pid }) => pid === serverPid)?.used ?? 0,
    database: ofFamily(processes, postmasterOf(dataDirectory)),
  }
}

/** The same of all servers that this process started, PostgreSQL with its processes among them. */
export function processorTimeOfAll(): number {
  const processes = timesOfAll()
  const started = processes.filter(({ parent }) => parent === process.pid)
  return started.reduce((sum, { pid }) => sum + ofFamily(processes, pid), 0)
}

function postmasterOf(dataDirectory: string): number {
  return Number(readFileSync(path.join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0])
}

type Times = ReturnType<typeof timesOfAll>

function timesOfAll() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => timesOf(Number(pid)))
}

/** Of a process and those that it started; what ended meanwhile is counted with its parent. */
function ofFamily(processes: Times, head: number): number {
  const own = processes.find(({ pid }) => pid === head)
  const children = processes.filter(({ parent }) => parent === head)
  return (own ? own.used + own.usedByEnded : 0) + children.reduce((sum, { used }) => sum + used, 0)
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

import fs from 'node:fs'

/**
 * Is this a live process? Another user's counts; a zombie does not: it can do nothing any more, but keeps its number until
 * its parent asks for it (in a container nobody may ever ask).
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return statusOf(pid)?.state !== 'Z'
}

/** When the process began, in the kernel's ticks: tells a process from a later one with the same number. Linux only. */
export function startOf(pid: number): string | null {
  return statusOf(pid)?.startedAt ?? null
}

function statusOf(pid: number): { state: string; startedAt: string } | null {
  let line: string
  try {
    line = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return null
  }
  // The name, in parentheses, may hold anything; the state is the first field behind it, the start the twentieth.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', startedAt: fields[19] ?? '' }
}

/** Live processes that work in this folder, as all of one PostgreSQL server do in its data directory. Linux only. */
export function processesIn(folder: string): number[] {
  const pids = fs.existsSync('/proc/self/cwd') ? fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []
  return pids.map(Number).filter((pid) => {
    try {
      return fs.readlinkSync(`/proc/${pid}/cwd`) === folder
    } catch {
      return false
    }
  })
}

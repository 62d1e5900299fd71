import fs from 'node:fs'
import path from 'node:path'

/** The operating system's user that PostgreSQL runs as when we are root: it refuses to run as root itself. */
export interface RunAs {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/**
 * The user to run PostgreSQL as; `null` = as ourselves. Root takes the owner of an existing data directory, else `postgres`,
 * else `nobody`, which every Unix has: no user is made.
 */
export function userToRunAs(dataDirectory: string): RunAs | null {
  if (process.getuid?.() !== 0) return null
  const owner = fs.statSync(dataDirectory, { throwIfNoEntry: false })
  if (owner !== undefined && owner.uid !== 0) {
    const name = users().find(({ uid }) => uid === owner.uid)?.name ?? `user ${owner.uid}`
    return { name, uid: owner.uid, gid: owner.gid }
  }
  const user = userNamed('postgres') ?? userNamed('nobody')
  if (user === undefined) {
    throw new Error(
      'PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody": run as another user.',
    )
  }
  return user
}

function userNamed(wanted: string): RunAs | undefined {
  return users().find(({ name }) => name === wanted)
}

function users(): RunAs[] {
  const lines = fs.readFileSync('/etc/passwd', 'utf8').split('\n')
  return lines.map((line) => {
    const [name = '', , uid, gid] = line.split(':')
    // macOS writes nobody's number as -2.
    return { name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }
  })
}

/** May this user enter the folder? Every existing folder on the way must let it pass; missing ones we make ourselves. */
export function mayEnter(folder: string, user: RunAs): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const found = fs.statSync(at, { throwIfNoEntry: false })
    if (found !== undefined && (found.mode & permissionBits(found, user, 0o1)) === 0) return false
    if (at === path.dirname(at)) return true
  }
}

/** May this user read (and, a program, execute) the file itself? */
export function mayRead(file: string, user: RunAs): boolean {
  const found = fs.statSync(file)
  const wanted = found.mode & 0o111 ? 0o5 : 0o4
  const bits = permissionBits(found, user, wanted)
  return (found.mode & bits) === bits
}

function permissionBits(of: fs.Stats, user: RunAs, wanted: number): number {
  if (of.uid === user.uid) return wanted << 6
  return of.gid === user.gid ? wanted << 3 : wanted
}

/** Makes a folder that only the server's user may enter. */
export function makePrivateFolder(folder: string, user: RunAs | null): void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (user !== null) fs.chownSync(folder, user.uid, user.gid)
}

/** Makes a folder, and what is missing above it, that other users may pass through whatever our umask says. */
export function makeOpenFolder(folder: string): void {
  const first = fs.mkdirSync(folder, { recursive: true })
  if (first === undefined) return
  for (let at = path.resolve(folder); at.length >= first.length; at = path.dirname(at)) fs.chmodSync(at, 0o755)
}

/** Says in one line that a folder, if it is there, was made by a user whose files this process may not write. */
export function refuseForeign(folder: string): void {
  const found = fs.statSync(folder, { throwIfNoEntry: false })
  if (found === undefined) return
  try {
    fs.accessSync(folder, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK)
  } catch {
    const owner = users().find(({ uid }) => uid === found.uid)?.name ?? `user ${found.uid}`
    throw new Error(`${folder} belongs to ${owner}: run as that user or as root, or set another KITAAB_HOME.`)
  }
}

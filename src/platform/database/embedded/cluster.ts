import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { Places } from './places.ts'
import { makePrivateFolder } from './run-as.ts'

/** The superuser of a cluster that Kitaab makes. */
export const superuser = 'postgres'

/** What PostgreSQL's programs are started with: their user, a folder that they may enter, and a plain environment. */
export function spawnOptions({ runAs }: Places, cwd: string) {
  const env = { LC_ALL: 'C.UTF-8', LC_MESSAGES: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' }
  return runAs === null ? { cwd, env } : { cwd, env, uid: runAs.uid, gid: runAs.gid }
}

/**
 * Makes the data directory when there is none: first under another name, so that a first start that was killed leaves
 * nothing half-made. `durable: false` leaves out the flush to disk (tests).
 */
export async function ensureCluster(places: Places, { durable }: { durable: boolean }): Promise<void> {
  if (fs.existsSync(path.join(places.data, 'PG_VERSION'))) return
  const draft = `${places.data}.new`
  fs.rmSync(draft, { recursive: true, force: true })
  makePrivateFolder(draft, places.runAs)
  await initialize(places, draft, durable).catch((error: unknown) => {
    fs.rmSync(draft, { recursive: true, force: true })
    throw error
  })
  // Takes the place of an empty folder, and fails on one that holds anything.
  fs.renameSync(draft, places.data)
}

async function initialize(places: Places, folder: string, durable: boolean): Promise<void> {
  const options = ['-D', folder, '-U', superuser, '--auth-local=trust', '--auth-host=reject', '--encoding=UTF8']
  options.push('--locale=C.UTF-8', '--data-checksums', '--no-instructions')
  // From 17 PostgreSQL brings this locale itself, so that no update of the system's C library can change an index's order.
  if (places.binaries.major >= 17) options.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8')
  if (!durable) options.push('--no-sync')
  const child = spawn(path.join(places.binaries.folder, 'initdb'), options, {
    ...spawnOptions(places, folder),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', (text) => {
    complaint += text
  })
  // What it does step by step, and whether a signal ended it, it says here.
  let progress = ''
  child.stdout.on('data', (text) => {
    progress += text
  })
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) =>
    child.once('error', reject).once('close', (code, signal) => resolve({ code, signal })),
  )
  if (complaint.includes('could not look up effective user ID')) {
    throw new Error(
      `PostgreSQL cannot be set up by user ${process.getuid?.()}, who has no name (no entry in /etc/passwd): ` +
        'run as a user who has one, or set DATABASE_URL.',
    )
  }
  // Ctrl-C reaches it, and the server that it runs, too.
  if (
    signal !== null ||
    (code !== 0 && /caught signal|terminated by signal (2|15)\b|canceling|terminating/.test(progress + complaint))
  )
    throw new Error('The first start was interrupted: nothing is left of it, and the next one begins anew.')
  if (code !== 0) throw new Error(`initdb could not make the database in ${folder}:\n${complaint.trim()}`)
}

/**
 * Refuses data of another major version, which these binaries cannot read. Binaries that were chosen on purpose may live
 * beside another version's data; the packaged ones may not, else an upgrade would look like an empty diary.
 */
export function refuseOtherVersions({ data, shelter, binaries }: Places, chosen: boolean): void {
  const version = (folder: string) => {
    const file = path.join(folder, 'PG_VERSION')
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : null
  }
  const inside = version(data)
  if (inside !== null && inside !== String(binaries.major)) throw otherVersion(data, inside, binaries.major)
  if (inside !== null || chosen) return
  for (const name of fs.readdirSync(shelter).filter((entry) => /^postgres-\d+$/.test(entry))) {
    const found = version(path.join(shelter, name))
    if (found !== null) throw otherVersion(path.join(shelter, name), found, binaries.major)
  }
}

function otherVersion(folder: string, found: string, wanted: number): Error {
  return new Error(
    `${folder} holds data of PostgreSQL ${found}, and these are the binaries of ${wanted}. ` +
      `Either set KITAAB_POSTGRES_BIN to the "bin" folder of PostgreSQL ${found}, or upgrade the data with pg_upgrade, ` +
      'or move that folder away to begin with an empty database.',
  )
}

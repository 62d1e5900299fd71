import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type Binaries, reachableBinaries } from './binaries.ts'
import { makeOpenFolder, makePrivateFolder, mayEnter, type RunAs, userToRunAs } from './run-as.ts'

/** Where a home's database lives, and who runs it. */
export interface Places {
  readonly binaries: Binaries
  readonly runAs: RunAs | null
  /** The folder of data and sockets: the home itself, unless the server's user may not enter that. */
  readonly shelter: string
  readonly data: string
  readonly log: string
}

/** Where data go that their server could not reach in a home. */
export const defaultElsewhere = '/var/lib/kitaab'

/**
 * Chooses the places for this home. When PostgreSQL runs as another user who may not enter the home (a project in /root),
 * the data goes to a folder of its own below `elsewhere`; so do the binaries when they lie out of reach.
 */
export function choosePlaces(home: string, binaries: Binaries, elsewhere: string): Places {
  const name = `postgres-${binaries.major}`
  const user = userToRunAs(path.join(home, name))
  const shelter = user === null ? home : chooseShelter(home, shelterFor(home, elsewhere), name, user)
  const data = path.join(shelter, name)
  const runAs = user === null ? null : (userToRunAs(data) ?? user)
  makeOpenFolder(shelter)
  return {
    binaries: reachableBinaries(binaries, runAs, elsewhere),
    runAs,
    shelter,
    data,
    log: path.join(shelter, `${name}.log`),
  }
}

/** Data that is there stays where it is: permissions that changed since must not look like an empty database. */
function chooseShelter(home: string, away: string, name: string, user: RunAs): string {
  const hasData = (folder: string) => fs.existsSync(path.join(folder, name, 'PG_VERSION'))
  const isOpen = mayEnter(home, user)
  if (hasData(home) && !isOpen) {
    throw new Error(
      `PostgreSQL runs as ${user.name}, who may not enter ${home} any more, where its data is: ` +
        `let others pass through that folder and those above it ("chmod o+x").`,
    )
  }
  return hasData(away) && !hasData(home) ? away : isOpen ? home : away
}

/** Whether a first start has made data for this home, wherever they lie. Makes nothing. */
export function hasCluster(home: string, elsewhere = defaultElsewhere): boolean {
  const holdsData = (folder: string) =>
    fs.existsSync(folder) &&
    fs
      .readdirSync(folder)
      .some((name) => /^postgres-\d+$/.test(name) && fs.existsSync(path.join(folder, name, 'PG_VERSION')))
  return holdsData(home) || holdsData(shelterFor(home, elsewhere))
}

function shelterFor(home: string, elsewhere: string): string {
  const key = createHash('sha256').update(home).digest('hex').slice(0, 12)
  return path.join(elsewhere, `${path.basename(path.dirname(home))}-${key}`)
}

/** A Unix socket's address holds 108 bytes on Linux and 104 on macOS, the closing zero included. */
const longestSocketPath = 103
const socketName = '/.s.PGSQL.5432'

/** The folder of the server's socket, for its user alone: in the shelter, or a short-lived one where that path is too long. */
export function makeSocketFolder({ shelter, runAs }: Places): string {
  const preferred = path.join(shelter, 'run')
  const fits = Buffer.byteLength(preferred + socketName) <= longestSocketPath
  const folder = fits ? preferred : fs.mkdtempSync(path.join(os.tmpdir(), temporaryName))
  makePrivateFolder(folder, runAs)
  return folder
}

const temporaryName = 'kitaab-socket-'

/** Removes a socket folder that was made for one run. */
export function removeSocketFolder(folder: string): void {
  if (path.basename(folder).startsWith(temporaryName)) fs.rmSync(folder, { recursive: true, force: true })
}

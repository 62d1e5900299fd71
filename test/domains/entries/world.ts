// People who record, as the service lets them: their own handles on the database, over the pipelined reads and the transactions.

import { recordInBulk } from '../../../src/domains/entries/bulk.ts'
import { clearEntry, type EntryChange, recordEntry } from '../../../src/domains/entries/recording.ts'
import { entryConstraintErrors } from '../../../src/domains/entries/refusals.ts'
import { revertEntry } from '../../../src/domains/entries/reverting.ts'
import type { AnsweredRow } from '../../../src/domains/entries/rules/bulk.ts'
import type { Cleared, ClearRequest, Recorded, RecordRequest, Reverted } from '../../../src/domains/entries/rules.ts'
import { makeViewerDatabases } from '../../../src/platform/database/databases.ts'
import { makeListeners } from '../../../src/platform/database/listeners.ts'
import type { ViewerDatabase } from '../../../src/platform/database/viewer-database.ts'
import type { RunTransaction } from '../../../src/platform/database/viewer-transactions.ts'
import { newDeed, newItem, newScale, newWorld, type Person } from '../../db/world.ts'
import { quietLog } from '../../support/diaries.ts'

export interface Diarist {
  readonly id: string
  readonly person: Person
  readonly db: ViewerDatabase
  readonly transaction: RunTransaction
  /** As the mutation does it; for one's own diary unless the request names another owner. */
  record(request: Partial<RecordRequest> & { itemId: string }, key?: string): Promise<Recorded>
  clear(request: Partial<ClearRequest> & { itemId: string; date: string }, key?: string): Promise<Cleared>
  recordAll(rows: readonly Row[], options?: { atomic?: boolean; key?: string | null }): Promise<readonly AnsweredRow[]>
  revert(
    request: { itemId: string; date: string; changeId: string; ownerId?: string; expectedVersion?: number },
    key?: string,
  ): Promise<Reverted>
}

export type Row = Partial<RecordRequest> & { itemId: string }

export type DiaryWorld = Awaited<ReturnType<typeof newDiaryWorld>>

export async function newDiaryWorld() {
  const world = await newWorld()
  const announced: EntryChange[][] = []
  const sent: string[][] = []
  const listeners = makeListeners()
  listeners.on('entriesChanged', async (_tx, { written }) => announced.push([...(await written)]))
  const databases = makeViewerDatabases({
    connections: world.database.connections,
    log: quietLog(),
    listeners,
    constraintErrors: entryConstraintErrors,
  })

  async function newDiarist(name: string, timeZone = 'UTC', dayStartMinutes = 0): Promise<Diarist> {
    const person = await world.newPerson(name, timeZone, dayStartMinutes)
    const rows = await world.admin(
      "insert into sessions (user_id, expires_at) values ($1, now() + interval '1 day') returning session_id",
      [person.id],
    )
    const viewer = { userId: person.id, sessionId: rows[0]?.session_id, role: 'member' }
    const onFlight = ({ sql }: { sql: readonly string[] }) => sent.push([...sql])
    const { db, transaction } = databases.forViewer(viewer, { onFlight })
    const own = <Request extends object>(request: Request) => ({ ownerId: person.id, ...request })
    return {
      id: person.id,
      person,
      db,
      transaction,
      record: (request, key) => {
        const ownerId = request.ownerId ?? person.id
        const work = { ...request, ownerId }
        return transaction((tx) => recordEntry(tx, person.id, work, key ?? null), { owners: [ownerId] })
      },
      clear: (request, key) => {
        const ownerId = request.ownerId ?? person.id
        const work = { ...request, ownerId }
        return transaction((tx) => clearEntry(tx, person.id, work, key ?? null), { owners: [ownerId] })
      },
      recordAll: async (rows, { atomic = false, key = null } = {}) => {
        const read = rows.map((row) => ({ request: own(row) }))
        return (await recordInBulk(transaction, person.id, { rows: read, atomic, key, sent: [rows, atomic] })).rows
      },
      revert: ({ changeId, ...day }, key) => {
        const { ownerId } = own(day)
        const request = { ...day, ownerId, change: { ownerId, changeId } }
        const options = { owners: [ownerId], origin: 'revert' }
        return transaction((tx) => revertEntry(tx, person.id, request, key ?? null), options)
      },
    }
  }

  const stop = async () => {
    await databases.stop()
    await world.stop()
  }
  return { ...world, databases, announced, sent, newDiarist, stop }
}

/** Reading: a counted deed of a tree with three levels. Prayer: a deed on a scale of late, on time, in congregation. */
export async function newShelf({ person }: Diarist) {
  const reading = await newDeed(person, 'Reading')
  const book = await newItem(person, reading, 'Book')
  const chapter = await newItem(person, reading, 'Chapter', book)
  const page = await newItem(person, reading, 'Page', chapter)
  const magazine = await newItem(person, reading, 'Magazine')
  const prayer = await newDeed(person, 'Prayer', 'scale')
  const fajr = await newItem(person, prayer, 'Fajr')
  const { scaleId, valueIds } = await newScale(person, prayer, ['late', 'on time', 'in congregation'])
  const [late = '', onTime = '', inCongregation = ''] = valueIds
  return { reading, book, chapter, page, magazine, prayer, fajr, scaleId, late, onTime, inCongregation }
}

/** A second version of the shelf's prayer scale from a day on, whose first two values continue those of the first. */
export async function newScaleVersion({ person }: Diarist, deedId: string, firstScaleId: string, from: string) {
  return person.transaction(async (query) => {
    await query('update scales set effective = daterange(null, $3) where user_id = $1 and scale_id = $2', [
      person.id,
      firstScaleId,
      from,
    ])
    const [scale] = await query(
      'insert into scales (user_id, deed_id, version_number, effective) values ($1, $2, 2, daterange($3, null)) returning scale_id',
      [person.id, deedId, from],
    )
    const values = await query(
      `insert into scale_values (user_id, deed_id, scale_id, value_name, value_order, lineage_key)
       select user_id, deed_id, $3, value_name || ' again', value_order, lineage_key from scale_values
       where user_id = $1 and scale_id = $2 and value_order < 3 order by value_order returning scale_value_id`,
      [person.id, firstScaleId, scale?.scale_id],
    )
    return values.map((value) => value.scale_value_id as string)
  })
}

/** `extensions` of what was thrown. */
export async function refusalOf(work: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await work
  } catch (error) {
    if (error instanceof Error && 'extensions' in error) return error.extensions as Record<string, unknown>
    throw error
  }
  throw new Error('It was not refused.')
}

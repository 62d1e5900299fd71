// Which way PostgreSQL goes to the rows of one person, beside those of many others.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { CompiledQuery, DatabaseConnection } from 'kysely'
import { changesOfEntry } from '../../../src/domains/entries/queries/changes.ts'
import { situationsOf } from '../../../src/domains/entries/queries/situations.ts'
import { entriesOfItem, entriesOfOwner, entriesOnDays, latestEntries } from '../../../src/domains/entries/queries.ts'
import { kyselyOn, refuseStream } from '../../../src/platform/database/dialect.ts'
import type { ViewerDatabase } from '../../../src/platform/database/viewer-database.ts'
import { wireValues } from '../../../src/platform/database/wire-values.ts'
import { befriend, grant } from '../../db/world.ts'
import { type Diarist, type DiaryWorld, newDiaryWorld, newShelf } from './world.ts'

let world: DiaryWorld
let leila: Diarist
let budi: Diarist
let shelf: Awaited<ReturnType<typeof newShelf>>

beforeAll(async () => {
  world = await newDiaryWorld()
  leila = await world.newDiarist('leila')
  budi = await world.newDiarist('budi')
  shelf = await newShelf(leila)
  const relation = await befriend(budi.person, leila.person)
  await grant(leila.person, budi.person, relation, shelf.book)
  await fillDiaries()
}, 60_000)
afterAll(() => world.stop())

/** A year up to yesterday of Leila's five items and of 300 other people's, with their histories. */
async function fillDiaries() {
  const { superuser } = world.database
  // Without triggers and foreign keys: it is the number of rows that matters here.
  await superuser.query("set session_replication_role = 'replica'")
  await superuser.query(
    `insert into entries (user_id, deed_item_id, entry_date, count_value, created_by_user_id, updated_by_user_id)
     select person.id, item, current_date - day, day % 9, person.id, person.id
     from (select $1::bigint, $2::bigint[] union all select 1000000 + n, array[1000000 + n] from generate_series(1, 300) as n) as person (id, items),
       unnest(items) as item, generate_series(1, 365) as day`,
    [leila.id, [shelf.book, shelf.chapter, shelf.page, shelf.magazine, shelf.fajr]],
  )
  await superuser.query(
    `insert into entry_history (user_id, deed_item_id, entry_date, action, new_values, changed_by_user_id, origin, version)
     select user_id, deed_item_id, entry_date, 'created', '{}', user_id, 'manual', 1 from entries`,
  )
  await superuser.query("set session_replication_role = 'origin'")
  await superuser.query('analyze entries, entry_history, deed_items, users')
}

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: Plan[]
}

/** The plan, carried out, of the first statement that `read` sends as this viewer. */
async function planOf(viewer: Diarist, read: (db: ViewerDatabase) => Promise<unknown>): Promise<Plan[]> {
  const sent: CompiledQuery[] = []
  const connection: DatabaseConnection = {
    executeQuery: async (query) => {
      sent.push(query)
      return { rows: [] }
    },
    streamQuery: refuseStream,
  }
  const db = kyselyOn(connection)
  await read(Object.assign(db, { long: db }) as unknown as ViewerDatabase)
  const [query] = sent
  if (!query) throw new Error('nothing was sent')
  const explain = `explain (analyze, timing off, format json) ${query.sql}`
  const [row] = await viewer.person.query(explain, wireValues(query.parameters), [leila.person])
  return flat(row?.['QUERY PLAN'][0].Plan)
}

function flat(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flat)]
}

/** How many rows of the big tables were looked at, found or not. */
function rowsRead(plans: readonly Plan[]): number {
  const scans = plans.filter((plan) => /^(entries|entry_history)_/.test(plan['Relation Name'] ?? ''))
  return scans.reduce(
    (sum, scan) => sum + (scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0)) * scan['Actual Loops'],
    0,
  )
}

const items = () => [shelf.book, shelf.chapter, shelf.page]
const keys = () => items().map((itemId) => ({ ownerId: leila.id, itemId }))
const day = () => ({
  ownerId: leila.id,
  itemId: shelf.book,
  date: new Date(Date.now() - 5 * 86_400_000).toISOString().slice(0, 10),
})

const reads: [string, number, (db: ViewerDatabase, viewerId: string) => Promise<unknown>][] = [
  ["a page of an owner's entries", 27 * 5, (db, id) => entriesOfOwner(db, id, leila.id, { first: 20 })],
  ["a page of an item's entries", 27, (db, id) => entriesOfItem(db, id, day(), { first: 20 })],
  ['the history of an entry', 1, (db, id) => changesOfEntry(db, id, day(), { first: 20 })],
  [
    'entries on days',
    3,
    (db, id) =>
      entriesOnDays(
        db,
        id,
        keys().map((key) => ({ ...key, date: day().date })),
      ),
  ],
  ['latest entries', 3, (db, id) => latestEntries(db, id, keys())],
  ['what is to be written', 1, (db, id) => situationsOf(db, id, [day()])],
]

describe.each(['the owner', 'a delegate'])('for %s', (who) => {
  test.each(reads)('%s: at most %d rows are looked at, of 111,000', async (_name, most, read) => {
    const viewer = who === 'the owner' ? leila : budi
    const plans = await planOf(viewer, (db) => read(db, viewer.id))
    expect(rowsRead(plans)).toBeGreaterThan(0)
    expect(rowsRead(plans)).toBeLessThanOrEqual(most)
  })
})

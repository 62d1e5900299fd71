// Which way PostgreSQL goes to the entries of one branch, beside those of many others.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { CompiledQuery, DatabaseConnection } from 'kysely'
import { type Branch, statisticsOfBranches, streaksOfBranches } from '../../../src/domains/statistics/queries.ts'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { kyselyOn, refuseStream } from '../../../src/platform/database/dialect.ts'
import type { Database } from '../../../src/platform/database/types.ts'
import { wireValues } from '../../../src/platform/database/wire-values.ts'
import { befriend, grant, newDeed, newItem, only } from '../../db/world.ts'
import { type Diarist, type DiaryWorld, newDiaryWorld } from '../entries/world.ts'

let world: DiaryWorld
let leila: Diarist
let budi: Diarist
let today: string
let branches: Record<'deed' | 'book' | 'page' | 'page again', Branch>

/** Leila's five items and 300 other people's, over the last year. */
beforeAll(async () => {
  world = await newDiaryWorld()
  leila = await world.newDiarist('leila')
  budi = await world.newDiarist('budi')
  const deedId = await newDeed(leila.person, 'Reading')
  const book = await newItem(leila.person, deedId, 'Book')
  const page = await newItem(leila.person, deedId, 'Page', book)
  const others: string[] = []
  for (const name of ['Hadith', 'Tafsir', 'Poems']) others.push(await newItem(leila.person, deedId, name))
  await grant(leila.person, budi.person, await befriend(budi.person, leila.person), book)
  today = only(await world.admin('select owner_today($1)', [leila.id]))
  const branch = (itemId: string | null) => ({ ownerId: leila.id, deedId, itemId, includesDescendants: true })
  const alone = { ...branch(page), includesDescendants: false }
  branches = { deed: branch(null), book: branch(book), page: branch(page), 'page again': alone }
  const { superuser } = world.database
  // Without triggers and foreign keys: it is the number of rows that matters here.
  await superuser.query("set session_replication_role = 'replica'")
  await superuser.query(
    `insert into entries (user_id, deed_item_id, entry_date, count_value, created_by_user_id, updated_by_user_id)
     select person.id, item, $3::date - day, day % 9, person.id, person.id
     from (select $1::bigint, $2::bigint[] union all select 1000000 + n, array[1000000 + n] from generate_series(1, 300) as n) as person (id, items),
       unnest(items) as item, generate_series(0, 364) as day`,
    [leila.id, [book, page, ...others], today],
  )
  await superuser.query("set session_replication_role = 'origin'")
  await superuser.query('analyze entries, deed_items, users')
}, 60_000)
afterAll(() => world.stop())

interface Plan {
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: Plan[]
}

/** How many entries are looked at, found or not, by what `read` sends as this viewer. */
async function entriesRead(viewer: Diarist, read: (db: Database) => Promise<unknown>): Promise<number> {
  const sent: CompiledQuery[] = []
  const connection: DatabaseConnection = {
    executeQuery: async (query) => {
      sent.push(query)
      return { rows: [] }
    },
    streamQuery: refuseStream,
  }
  await read(kyselyOn(connection))
  expect(sent).toHaveLength(1)
  const [query] = sent
  const explain = `explain (analyze, timing off, format json) ${query?.sql}`
  const [row] = await viewer.person.query(explain, wireValues(query?.parameters ?? []), [leila.person])
  const scans = flat(row?.['QUERY PLAN'][0].Plan).filter((plan) => plan['Relation Name']?.startsWith('entries_'))
  const looks = scans.map(
    (scan) => (scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0)) * scan['Actual Loops'],
  )
  return Math.round(looks.reduce((sum, rows) => sum + rows, 0))
}

function flat(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flat)]
}

const of = (...names: (keyof typeof branches)[]) => names.map((name) => branches[name])
const everything = () => of('deed', 'book', 'page', 'page again')

test.each([
  ['an item', 30, () => of('page')],
  ['an item with one below it', 60, () => of('book')],
  ['a deed, and items in it over and over', 150, everything],
])('statistics over 30 days of %s look at %d entries of 111,000', async (_name, most, asked) => {
  const days = { from: addDays(today, -29), to: today, today }
  expect(await entriesRead(leila, (db) => statisticsOfBranches(db, leila.id, asked(), days))).toBe(most)
})

test.each([
  ['an item', 365, () => of('page')],
  ['a deed, and items in it over and over', 5 * 365, everything],
])('STR-1 streaks of %s look at the %d entries they are made of', async (_name, most, asked) => {
  expect(await entriesRead(leila, (db) => streaksOfBranches(db, leila.id, asked(), today))).toBe(most)
})

test('a delegate looks at what is shared', async () => {
  const days = { from: addDays(today, -29), to: today, today }
  expect(await entriesRead(budi, (db) => statisticsOfBranches(db, budi.id, everything(), days))).toBe(60)
  expect(await entriesRead(budi, (db) => streaksOfBranches(db, budi.id, everything(), today))).toBe(730)
})

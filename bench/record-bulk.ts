// `node bench/record-bulk.ts`: rows a second that `recordEntries` writes into one account (ENT-5), through all of the service but the
// socket, beside a bare multi-row insert of as many rows into a table without policies, triggers, history or goals, in the same run.
import type pg from 'pg'
import { addDays } from '../src/platform/civil-dates.ts'
import { newUser } from '../test/support/people.ts'
import { startService, type TestService } from '../test/support/service.ts'
import { startTestServer } from '../test/support/test-server.ts'

const bulkSize = 500
const bulks = 10
const items = 10
const daysPerBulk = bulkSize / items

const CREATE = /* GraphQL */ `mutation ($input: CreateDeedInput!) {
  createDeed(input: $input) { deed { id itemTree { id } owner { today } } }
}`
const MERIT = /* GraphQL */ `mutation ($input: CreateMeritInput!) { createMerit(input: $input) { merit { id } } }`
const SHORT = /* GraphQL */ `mutation ($input: RecordEntriesInput!) { recordEntries(input: $input) { rows { status } } }`
const FULL = /* GraphQL */ `mutation ($input: RecordEntriesInput!) {
  recordEntries(input: $input) {
    rows { status entry { id date count notes version } previous { count notes } error { code reason message } }
    goals { id completedOn }
  }
}`

type Row = Record<string, unknown>

async function newDiary(service: TestService) {
  const leila = await newUser(service.database, 'leila')
  const ask = async (query: string, input: object) => {
    const { data, errors } = await service.execute(query, { input }, { as: leila })
    if (errors) throw new Error(JSON.stringify(errors))
    return data
  }
  const names = Array.from({ length: items }, (_, index) => ({ name: `Page ${index}` }))
  const deed = { category: 'HASANAAT', name: 'Reading', measure: 'COUNT', items: [{ name: 'Quran', children: names }] }
  const { id, itemTree, owner } = (await ask(CREATE, deed)).createDeed.deed
  const [root, ...pages] = itemTree.map((item: { id: string }) => item.id)
  const goal = { deedId: id, title: 'A year', startDate: addDays(owner.today, -364), durationDays: 365 }
  await ask(MERIT, { ...goal, items: [{ itemId: root, metric: 'COUNT_SUM', target: 10_000 }] })
  const rowsOf = (bulk: number, count: number): Row[] =>
    pages.flatMap((itemId: string) =>
      Array.from({ length: daysPerBulk }, (_, day) => ({
        itemId,
        date: addDays(owner.today, -(bulk * daysPerBulk + day)),
        count: String(count),
      })),
    )
  return { ask, rowsOf }
}

async function measured(what: string, work: (bulk: number) => Promise<unknown>): Promise<number> {
  const start = performance.now()
  for (let bulk = 0; bulk < bulks; bulk += 1) await work(bulk)
  const seconds = (performance.now() - start) / 1000
  const perSecond = (bulks * bulkSize) / seconds
  console.log(`${what.padEnd(52)} ${Math.round(perSecond).toString().padStart(7)} rows/s ${seconds.toFixed(3)} s`)
  return perSecond
}

async function makeBareTable(admin: pg.Client) {
  await admin.query(`create table bare (
    user_id bigint, item_id bigint, entry_date date, count_value numeric(12,3), notes text, primary key (user_id, item_id, entry_date)
  )`)
  await admin.query('create index on bare (user_id, entry_date, item_id)')
}

async function insertBare(admin: pg.Client, bulk: number): Promise<void> {
  const rows = Array.from({ length: bulkSize }, (_, index) => ({ item: index % items, day: Math.floor(index / items) }))
  await admin.query(`insert into bare select 1, * from unnest($1::bigint[], $2::date[], $3::numeric[], $4::text[])`, [
    rows.map(({ item }) => item),
    rows.map(({ day }) => addDays('2026-01-01', -(bulk * daysPerBulk + day))),
    rows.map(() => '1'),
    rows.map(() => null),
  ])
}

async function run(service: TestService) {
  const { admin } = service.database
  await makeBareTable(admin)
  // Statements prepared and code compiled, as in a service that has been up for a while.
  for (let round = 0; round < 3; round += 1) {
    const { ask, rowsOf } = await newDiary(service)
    if (round < 2) {
      for (let bulk = 0; bulk < bulks; bulk += 1) await ask(SHORT, { rows: rowsOf(bulk, 1) })
      continue
    }
    const short = await measured('recordEntries, first records, statuses', (bulk) =>
      ask(SHORT, { rows: rowsOf(bulk, 1) }),
    )
    const bare = await measured('bare insert of as many rows', (bulk) => insertBare(admin, bulk))
    await measured('recordEntries, other values', (bulk) => ask(SHORT, { rows: rowsOf(bulk, 2) }))
    await measured('recordEntries, unchanged', (bulk) => ask(SHORT, { rows: rowsOf(bulk, 2) }))
    const fresh = await newDiary(service)
    await measured('recordEntries, first records, all fields, with a key', (bulk) =>
      fresh.ask(FULL, { rows: fresh.rowsOf(bulk, 1), idempotencyKey: `k${bulk}` }),
    )
    console.log(`recordEntries takes ${(bare / short).toFixed(1)} times as long as the bare insert.`)
  }
}

const server = await startTestServer()
try {
  const service = await startService()
  try {
    await run(service)
  } finally {
    await service.stop()
  }
} finally {
  await server.stop()
}

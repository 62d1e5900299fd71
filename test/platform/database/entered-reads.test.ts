// Statements go out behind an entry that says for whom they read, without `begin` and `commit`.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { enterReading, noOwners } from '../../../src/platform/database/sql-settings.ts'
import { makeStatementNames } from '../../../src/platform/database/statement-names.ts'
import type { FlightInfo, ViewerIdentity } from '../../../src/platform/database/types.ts'
import { type DiaryWorld, diaryWorld, one, pages } from '../../support/diaries.ts'
import { type WireProxy, wireProxy } from '../../support/wire-proxy.ts'

let world: DiaryWorld
let proxy: WireProxy
beforeAll(async () => {
  world = await diaryWorld()
  proxy = await wireProxy(world.database.connections)
})
afterAll(async () => {
  await world.stop()
  await proxy.stop()
})

const nameOfEntry = makeStatementNames()(enterReading(null, noOwners).text) ?? ''

const pagesOf = (name: string) => [1, 2, 3].map((page) => `${name} ${page}`)
/** One connection for everybody, so that all that is sent stands behind each other. */
const oneConnection = () => world.databases({ sizes: { reads: 1 } }, proxy.connections)

test('it reads one snapshot, and only reads, as those in a group do', async () => {
  const { db } = oneConnection().forViewer(world.leila)
  const settings = sql<object>`select current_setting('transaction_isolation') as isolation,
    current_setting('transaction_read_only') as "isReadOnly"`
  const expected = { isolation: 'repeatable read', isReadOnly: 'on' }
  expect(await one(db, settings)).toEqual(expected)
  expect(await Promise.all([one(db, settings), one(db, settings)])).toEqual([expected, expected])
})

test('several read one snapshot where a pooler has left out what connections for reads begin with', async () => {
  const { db } = oneConnection().forViewer(world.leila)
  await sql`set default_transaction_isolation to 'read committed'`.execute(db)
  const isolation = sql<object>`select current_setting('transaction_isolation') as isolation`
  expect(await one(db, isolation)).toEqual({ isolation: 'read committed' })
  const expected = { isolation: 'repeatable read' }
  expect(await Promise.all([one(db, isolation), one(db, isolation)])).toEqual([expected, expected])
  expect(await one(db, isolation)).toEqual({ isolation: 'read committed' })
})

test('for whom it reads is forgotten behind it', async () => {
  const databases = oneConnection()
  const { db } = databases.forViewer(world.maryam)
  expect(await pages(db.reading([world.leila.userId]))).toEqual([...pagesOf('leila'), ...pagesOf('maryam')])
  const left = sql<object>`select current_setting('app.user_id') as viewer, current_setting('app.owners') as owners`
  expect(await one(databases.forViewer(null).db, left)).toEqual({ viewer: '', owners: '{}' })
  expect(await pages(databases.forViewer(null).db)).toEqual([])
  expect(await pages(db)).toEqual(pagesOf('maryam'))
})

test.each([
  ['when it is prepared', "set_config('app.user_id'", "set_konfig('app.user_id'"],
  ['when it is run', nameOfEntry, nameOfEntry.replace('k', 'j')],
])(
  'an entry that fails %s lets no answer through: nobody reads as nobody, or as another',
  async (when, text, broken) => {
    const databases = oneConnection()
    const flights: FlightInfo[] = []
    const onFlight = (flight: FlightInfo) => flights.push(flight)
    const read = (viewer: ViewerIdentity) => pages(databases.forViewer(viewer, { onFlight }).db)
    if (when === 'when it is run') expect(await read(world.maryam)).toEqual(pagesOf('maryam'))
    proxy.replaceNext(text, broken)
    expect(await Promise.all([read(world.leila), read(world.budi)])).toEqual([pagesOf('leila'), pagesOf('budi')])
    expect(await Promise.all([read(world.maryam), read(world.leila)])).toEqual([pagesOf('maryam'), pagesOf('leila')])
    expect(flights.some(({ again }) => again)).toBe(true)
  },
)

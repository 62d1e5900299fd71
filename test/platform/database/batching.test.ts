import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { anyOf, pairsIn, tuplesIn } from '../../../src/platform/database/any-of.ts'
import { manyPerKey, onePerKey, ownersOf } from '../../../src/platform/database/batching.ts'
import type { FlightInfo } from '../../../src/platform/database/types.ts'
import type { ViewerDatabase } from '../../../src/platform/database/viewer-database.ts'
import { type DiaryWorld, diaryWorld } from '../../support/diaries.ts'

interface PageKey {
  ownerId: string
  page: string
}
interface DiaryPage extends PageKey {
  text: string
}

let world: DiaryWorld
beforeAll(async () => {
  world = await diaryWorld()
})
afterAll(() => world.stop())

function reader() {
  const flights: FlightInfo[] = []
  const { db } = world.databases().forViewer(world.maryam, { onFlight: (flight) => flights.push(flight) })
  return { db, flights }
}

const columns = sql`select user_id as "ownerId", page::text as page, text from diaries`

async function pagesByKeys(db: ViewerDatabase, keys: readonly PageKey[]): Promise<DiaryPage[]> {
  const pairs = keys.map(({ ownerId, page }) => [ownerId, page] as const)
  const statement = sql<DiaryPage>`${columns} where ${pairsIn(['user_id', 'page'], pairs)} order by page desc`
  return (await statement.execute(db.reading(ownersOf(keys)))).rows
}

async function pagesOfOwners(db: ViewerDatabase, ownerIds: readonly string[]): Promise<DiaryPage[]> {
  const statement = sql<DiaryPage>`${columns} where user_id = ${anyOf(ownerIds)} order by page desc`
  return (await statement.execute(db.reading(ownerIds))).rows
}

test('keys of one tick become one statement; missing ones are null, twins are asked for once', async () => {
  const { db, flights } = reader()
  const { leila, budi, maryam } = world
  const asked: number[] = []
  const pageByKey = onePerKey(
    (keys: readonly PageKey[]) => {
      asked.push(keys.length)
      return pagesByKeys(db, keys)
    },
    ({ ownerId, page }) => ({ ownerId, page }),
  )
  const found = await Promise.all([
    pageByKey.load({ ownerId: leila.userId, page: '2' }),
    pageByKey.load({ page: '2', ownerId: leila.userId }),
    pageByKey.load({ ownerId: maryam.userId, page: '1' }),
    pageByKey.load({ ownerId: budi.userId, page: '1' }),
    pageByKey.load({ ownerId: leila.userId, page: '99' }),
  ])
  expect(found.map((row) => row?.text ?? null)).toEqual(['leila 2', 'leila 2', 'maryam 1', null, null])
  expect(asked).toEqual([4])
  expect(flights.map(({ statements }) => statements)).toEqual([1])
})

test('many rows per key keep the order of the statement; a key without rows has none', async () => {
  const { db } = reader()
  const pagesOfOwner = manyPerKey(
    (ids: readonly string[]) => pagesOfOwners(db, ids),
    (row) => row.ownerId,
  )
  const found = await pagesOfOwner.loadMany([world.leila.userId, world.budi.userId, world.maryam.userId])
  expect(found.map((rows) => (rows instanceof Error ? rows : rows.map(({ text }) => text)))).toEqual([
    ['leila 3', 'leila 2', 'leila 1'],
    [],
    ['maryam 3', 'maryam 2', 'maryam 1'],
  ])
})

test('two loaders of one level share a group, the next level makes the next', async () => {
  const { db, flights } = reader()
  const pagesOfOwner = manyPerKey(
    (ids: readonly string[]) => pagesOfOwners(db, ids),
    (row) => row.ownerId,
  )
  const pageByKey = onePerKey(
    (keys: readonly PageKey[]) => pagesByKeys(db, keys),
    ({ ownerId, page }) => ({ ownerId, page }),
  )
  const again = manyPerKey(
    (ids: readonly string[]) => pagesOfOwners(db, ids),
    (row) => row.ownerId,
  )
  const below = async (key: PageKey | undefined) => key && again.load(key.ownerId)
  await Promise.all([
    pagesOfOwner.load(world.leila.userId).then(([row]) => below(row)),
    pagesOfOwner.load(world.maryam.userId).then(([row]) => below(row)),
    pageByKey.load({ ownerId: world.leila.userId, page: '1' }).then((row) => below(row ?? undefined)),
  ])
  expect(flights.map(({ statements }) => statements)).toEqual([2, 1])
})

test('a batch that fails fails each of its keys, and the next tick asks again', async () => {
  let calls = 0
  const loader = onePerKey(
    async (keys: readonly string[]) => {
      calls += 1
      if (calls === 1) throw new Error('not now')
      return keys
    },
    (row) => row,
  )
  expect((await Promise.allSettled([loader.load('1'), loader.load('2')])).map(({ status }) => status)).toEqual([
    'rejected',
    'rejected',
  ])
  loader.clearAll()
  expect(await loader.load('1')).toBe('1')
})

test('keys that look alike when joined are not the same key', async () => {
  const keys = [
    { ownerId: '1', id: '23' },
    { ownerId: '12', id: '3' },
    { ownerId: '1","id":"2', id: '3' },
  ]
  const loader = onePerKey(
    async (asked: readonly { ownerId: string; id: string }[]) => asked,
    (row) => row,
  )
  expect(await loader.loadMany(keys)).toEqual(keys)
})

test('a list of any length is one parameter, and an empty one finds nothing', async () => {
  const { db, flights } = reader()
  const count = async (ids: string[]) =>
    (await sql<{ n: string }>`select count(*) as n from diaries where user_id = ${anyOf(ids)}`.execute(db)).rows[0]?.n
  const manyIds = Array.from({ length: 70_000 }, (_, id) => String(id + 1))
  expect(await Promise.all([count([]), count([world.maryam.userId]), count(manyIds)])).toEqual(['0', '3', '3'])
  expect(new Set(flights.flatMap(({ sql }) => sql))).toEqual(
    new Set(['select count(*) as n from diaries where user_id = any($1::bigint[])']),
  )
})

test('tuples are compared place by place, not each column on its own', async () => {
  const { db, flights } = reader()
  const rows = [
    ['1', 'a'],
    ['2', 'b'],
  ]
  const found = await sql<{ id: string }>`
    select id from (values (1::bigint, 'a'::text), (1, 'b'), (2, 'b')) as t (id, name)
    where ${tuplesIn(
      [
        ['t.id', 'bigint'],
        ['t.name', 'text'],
      ],
      rows,
    )} order by id`.execute(db)
  expect(found.rows).toEqual([{ id: '1' }, { id: '2' }])
  expect(flights[0]?.sql[0]).toContain('("t"."id", "t"."name") in (select * from unnest($1::bigint[], $2::text[]))')
})

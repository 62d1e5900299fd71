import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sql } from 'kysely'
import { keysetPage } from '../../../src/platform/database/keyset.ts'
import { keysetFirstPages } from '../../../src/platform/database/keyset-first-pages.ts'
import type { FlightInfo } from '../../../src/platform/database/types.ts'
import { type DiaryWorld, diaryWorld, extensionsOf } from '../../support/diaries.ts'

let world: DiaryWorld
const flights: FlightInfo[] = []

beforeAll(async () => {
  world = await diaryWorld()
  await world.database.admin.query(`
    create table marks (mark_id bigint primary key, list_id bigint not null, day date not null);
    insert into marks select n, n % 7, date '2024-02-27' + (n % 4)::int from generate_series(1, 80) as n;
    insert into marks select 1000 + n, 9, '2024-02-27' from generate_series(1, 10001) as n;
    grant select on marks to kitaab_app`)
})
afterAll(() => world.stop())

function marks() {
  const { db } = world.databases().forViewer(world.leila, { onFlight: (flight) => flights.push(flight) })
  return {
    db,
    all: db
      .withTables<{ marks: { mark_id: string; list_id: string; day: string } }>()
      .selectFrom('marks')
      .select(['mark_id', 'day']),
  }
}

const order = [{ column: 'day', direction: 'desc' as const }, { column: 'mark_id' }]
const scopeOf = (list: string) => ['marks', list]

function firstPages(lists: readonly string[], first: number, from = '2024-01-01') {
  const { db, all } = marks()
  const query = all.where(sql<boolean>`list_id = wanted.list_id and day >= wanted.first_day`)
  return keysetFirstPages(db, query, {
    columns: { list_id: 'bigint', first_day: 'date' },
    lists: lists.map((list) => ({ values: { list_id: list, first_day: from }, scope: scopeOf(list) })),
    order,
    first,
  })
}

function pageOf(
  list: string,
  first: number,
  { after, from = '2024-01-01' }: { after?: string | undefined; from?: string } = {},
) {
  const { db, all } = marks()
  const query = all.where('list_id', '=', list).where('day', '>=', from)
  return keysetPage(db, query, { order, first, after, scope: scopeOf(list) })
}

test('they are the pages that keysetPage answers one by one, in the order of the lists, empty and doubled ones too', async () => {
  const lists = fc.array(fc.integer({ min: 0, max: 8 }).map(String), { maxLength: 6 })
  const from = fc.constantFrom('2024-02-27', '2024-02-29', '2024-03-02')
  await fc.assert(
    fc.asyncProperty(lists, fc.integer({ min: 1, max: 14 }), from, async (wanted, first, day) => {
      const found = await firstPages(wanted, first, day)
      expect(found).toHaveLength(wanted.length)
      for (const [index, list] of wanted.entries()) {
        const { countAll, ...alone } = await pageOf(list, first, { from: day })
        const { countAll: countTogether, ...together } = found[index] ?? (await pageOf('none', 1))
        expect(together).toEqual(alone)
        expect(await countTogether()).toBe(await countAll())
      }
    }),
    { numRuns: 25 },
  )
})

test('keysetPage goes on from their cursors', async () => {
  const [page] = await firstPages(['3'], 5)
  const next = await pageOf('3', 100, { after: page?.cursors.at(-1) })
  const whole = await pageOf('3', 100)
  expect([...(page?.rows ?? []), ...next.rows]).toEqual(whole.rows)
})

test('many lists are one statement, and all their counts another; beyond 10,000 a count is null', async () => {
  flights.length = 0
  const pages = await firstPages(['1', '2', '9'], 3)
  expect(flights.map(({ statements }) => statements)).toEqual([1])
  expect(await Promise.all(pages.map(({ countAll }) => countAll()))).toEqual([12, 12, null])
  expect(flights.map(({ statements }) => statements)).toEqual([1, 1])
})

test.each([0, 101, 1.5])('a page of %d is refused', async (first) => {
  const refused = await firstPages(['1'], first).catch(extensionsOf)
  expect(refused).toEqual({ code: 'BAD_USER_INPUT', reason: 'INVALID_PAGE_SIZE', field: 'first' })
})

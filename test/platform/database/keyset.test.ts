import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Kysely, sql } from 'kysely'
import { fromCursor, toCursor } from '../../../src/platform/database/cursors.ts'
import { keysetPage, type SortColumn } from '../../../src/platform/database/keyset.ts'
import type { Page } from '../../../src/platform/database/page.ts'
import type { Database } from '../../../src/platform/database/types.ts'
import { type DiaryWorld, diaryWorld, extensionsOf } from '../../support/diaries.ts'

interface Mark {
  mark_id: string
  day: string
  score: string
  name: string
  at: string
  ratio: number
}

let world: DiaryWorld
let db: Database
let marks: Kysely<{ marks: Mark }>

beforeAll(async () => {
  world = await diaryWorld()
  // Few different values, so that most sort columns tie; names sort differently by language than by bytes.
  await world.database.admin.query(`
    create table marks (mark_id bigint primary key, day date not null, score numeric(12,3) not null,
      name text not null, at timestamptz not null, ratio float8 not null);
    insert into marks select n, date '2024-02-27' + (n % 4)::int, (n * 7 % 3) / 8.0, (array['b', 'B', 'é', 'ä"\\,{}', '', 'يوم'])[1 + n % 6],
      timestamptz '2024-01-01 00:00:00.123456+00' + (n % 5) * interval '1 microsecond', (n % 3) / 3.0::float8
      from generate_series(9007199254740993, 9007199254741052) as n;
    create table many (many_id integer primary key);
    insert into many select generate_series(1, 10001);
    grant select on marks, many to kitaab_app`)
  db = world.databases().forViewer(world.leila).db
  marks = db.withTables<{ marks: Mark }>()
})
afterAll(() => world.stop())

const all = () => marks.selectFrom('marks').select(['mark_id', 'day'])
const byDay: SortColumn[] = [
  { column: 'day', direction: 'desc' },
  { column: 'mark_id', direction: 'desc' },
]

function page(options: Partial<Parameters<typeof keysetPage>[2]> = {}) {
  return keysetPage(db, all(), { order: byDay, first: 10, scope: ['marks'], ...options })
}

/** Every page in turn, each of a size of its own. */
async function walk<Row>(sizes: number[], read: (first: number, after: string | null) => Promise<Page<Row>>) {
  const found: Page<Row>[] = []
  for (let turn = 0; ; turn += 1) {
    const before = found.at(-1)
    const next = await read(sizes[turn % sizes.length] ?? 1, before?.cursors.at(-1) ?? null)
    found.push(next)
    if (!next.hasNextPage) return found
  }
}

const sortColumns = fc
  .tuple(
    fc.shuffledSubarray(['day', 'score', 'name', 'at', 'ratio']),
    fc.array(fc.constantFrom('asc' as const, 'desc' as const), { minLength: 6, maxLength: 6 }),
    fc.boolean(),
  )
  .map(([names, directions, same]): SortColumn[] =>
    [...names, 'mark_id'].map((column, index) => ({ column, direction: directions[same ? 0 : index] ?? 'asc' })),
  )

test('pages of any sizes, in any order, over ties, are the whole list without a gap or a double', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(sortColumns, sizes, async (order, pageSizes) => {
      let whole = all()
      for (const { column, direction } of order) whole = whole.orderBy(sql.ref(String(column)), direction ?? 'asc')
      const walked = await walk(pageSizes, (first, after) => page({ order, first, after, scope: order }))
      expect(walked.flatMap(({ rows }) => rows)).toEqual(await whole.execute())
      expect(walked.every(({ rows, cursors }) => rows.length === cursors.length)).toBe(true)
      expect(walked.map(({ hasPreviousPage }) => hasPreviousPage)).toEqual(walked.map((_, index) => index > 0))
    }),
    { numRuns: 60 },
  )
})

test('rows that come and go meanwhile move no other row to another page', async () => {
  const { admin } = world.database
  const first = await page({ first: 5 })
  await admin.query("insert into marks values (1, '2030-01-01', 0, '', now(), 0)")
  await admin.query('delete from marks where mark_id = $1', [first.rows[4]?.mark_id])
  const second = await page({ first: 5, after: first.cursors[4] })
  const rest = await all().orderBy('day', 'desc').orderBy('mark_id', 'desc').offset(5).limit(5).execute()
  expect(second.rows).toEqual(rest)
})

test('a page has the columns of its query, and no more', async () => {
  const { rows } = await page({ first: 1 })
  expect(rows).toEqual([{ mark_id: expect.anything(), day: expect.anything() }])
})

test('an expression can be a sort column', async () => {
  const order: SortColumn[] = [
    { column: sql`length(name) * -1`, direction: 'desc' },
    { column: 'mark_id', direction: 'desc' },
  ]
  const walked = await walk([7], (first, after) => page({ order, first, after }))
  expect(new Set(walked.flatMap(({ rows }) => rows.map((row) => row.mark_id))).size).toBe(60)
})

test('a page is 1 to the most that is allowed', async () => {
  for (const first of [0, -1, 101, 1.5, Number.NaN, 2 ** 31]) {
    const error = await page({ first }).catch((reason: unknown) => reason)
    expect(extensionsOf(error)).toEqual({ code: 'BAD_USER_INPUT', reason: 'INVALID_PAGE_SIZE', field: 'first' })
  }
  expect((await page({ first: 100 })).rows).toHaveLength(60)
  expect((await page({ first: 500, max: 500 })).rows).toHaveLength(60)
})

const invalidCursor = { code: 'BAD_USER_INPUT', reason: 'INVALID_CURSOR', field: 'after' }
const outcomeOf = async (after: string) => {
  const answer = await page({ after }).catch((error: unknown) => extensionsOf(error))
  return 'rows' in answer ? 'a page' : answer
}

test('a cursor of another list, order or filter is refused', async () => {
  const [after = ''] = (await page()).cursors
  for (const other of [['marks', 'x'], ['other'], 'marks', { filter: 1 }]) {
    const error = await page({ after, scope: other }).catch((reason: unknown) => reason)
    expect(extensionsOf(error)).toEqual(invalidCursor)
  }
  expect(await outcomeOf(after)).toBe('a page')
})

test('hostile cursors are INVALID_CURSOR, whatever they hold', async () => {
  const [genuine = ''] = (await page()).cursors
  const [scope] = JSON.parse(Buffer.from(genuine, 'base64url').toString())
  const forged = [
    ...[
      '',
      ' ',
      'a',
      '====',
      '\0',
      '%00',
      'é',
      genuine.slice(1),
      genuine.slice(0, -3),
      `${genuine}A`,
      'A'.repeat(5_000),
    ],
    ...[
      null,
      5,
      {},
      [],
      [scope],
      [scope, '2024-02-27'],
      [scope, '2024-02-27', '1', '2'],
      [scope, 1, 2],
      [scope, null, '1'],
    ].map(encoded),
    ...[
      ['2024-02-30', '1'],
      ['0000-00-00', '1'],
      ['x', '1'],
      ['2024-02-27', ''],
      ['2024-02-27', '9223372036854775808'],
      ['2024-02-27', "1'; drop table marks; --"],
      ['2024-02-27\0', '1'],
      ['99999999-01-01', '1'],
      ['2024-02-27', 'NaN'],
    ].map((place) => toCursor(scope, JSON.stringify(place))),
  ]
  for (const after of forged) expect({ after, is: await outcomeOf(after) }).toEqual({ after, is: invalidCursor })
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.json().map((text) => encoded(text)),
      ),
      async (after) => {
        expect(await outcomeOf(after)).toEqual(invalidCursor)
      },
    ),
    { numRuns: 200 },
  )
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (day, id) => {
      expect([invalidCursor, 'a page']).toContainEqual(await outcomeOf(toCursor(scope, JSON.stringify([day, id]))))
    }),
    { numRuns: 200 },
  )
})

function encoded(content: unknown): string {
  return Buffer.from(JSON.stringify(content)).toString('base64url')
}

test('a cursor gives back the texts that it was made of', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }), (place) => {
      expect(fromCursor(toCursor('scope', JSON.stringify(place)), 'scope', place.length)).toEqual(place)
    }),
  )
})

test('the total is counted only when asked for, once, and is null beyond 10,000', async () => {
  const statements: string[] = []
  const counted = world
    .databases()
    .forViewer(world.leila, { onFlight: ({ sql }) => statements.push(...sql) })
    .db.withTables<{ many: { many_id: number } }>()
  const many = (most: number) => {
    const query = counted.selectFrom('many').select('many_id').where('many_id', '<=', most)
    return keysetPage(counted as unknown as Database, query, { order: [{ column: 'many_id' }], first: 1, scope: most })
  }
  const found = await many(10_000)
  expect(statements).toHaveLength(1)
  expect(await Promise.all([found.countAll(), found.countAll()])).toEqual([10_000, 10_000])
  expect(statements).toHaveLength(2)
  expect(await (await many(10_001)).countAll()).toBeNull()
  expect(await (await many(0)).countAll()).toBe(0)
  expect(await many(0)).toMatchObject({ rows: [], cursors: [], hasNextPage: false, hasPreviousPage: false })
})

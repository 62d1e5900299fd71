import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { sql } from 'kysely'
import type { Databases } from '../../../src/platform/database/databases.ts'
import type { FlightInfo, ViewerIdentity } from '../../../src/platform/database/types.ts'
import { type DiaryWorld, diaryWorld, extensionsOf, one, pages } from '../../support/diaries.ts'

let world: DiaryWorld
let databases: Databases

beforeAll(async () => {
  world = await diaryWorld()
  databases = world.databases()
})
afterAll(() => world.stop())

function as(viewer: ViewerIdentity | null) {
  const flights: FlightInfo[] = []
  return { ...databases.forViewer(viewer, { onFlight: (flight) => flights.push(flight) }), flights }
}

test('each viewer sees their own rows, and nobody sees none', async () => {
  const [leila, budi, nobody] = await Promise.all([world.leila, world.budi, null].map((viewer) => pages(as(viewer).db)))
  expect(leila).toEqual(['leila 1', 'leila 2', 'leila 3'])
  expect(budi).toEqual(['budi 1', 'budi 2', 'budi 3'])
  expect(nobody).toEqual([])
})

test('two viewers interleaved a thousand times on two connections never see each other', async () => {
  const seen = { leila: new Set<string>(), budi: new Set<string>() }
  for (let wave = 0; wave < 20; wave += 1) {
    await Promise.all(
      Array.from({ length: 100 }, async (_, turn) => {
        const name = turn % 2 === 0 ? 'leila' : 'budi'
        for (const text of await pages(as(world[name]).db)) seen[name].add(text)
      }),
    )
  }
  expect([...seen.leila].sort()).toEqual(['leila 1', 'leila 2', 'leila 3'])
  expect([...seen.budi].sort()).toEqual(['budi 1', 'budi 2', 'budi 3'])
})

test('an owner who is not declared shows nothing, whoever is declared beside in the same tick', async () => {
  const { db, flights } = as(world.maryam)
  const [own, leila, budi, both, ownAgain] = await Promise.all([
    pages(db),
    pages(db.reading([world.leila.userId])),
    pages(db.reading([world.budi.userId])),
    pages(db.reading([world.budi.userId, world.leila.userId])),
    pages(db),
  ])
  const hers = ['maryam 1', 'maryam 2', 'maryam 3']
  const shared = ['leila 1', 'leila 2', 'leila 3']
  expect([own, budi, ownAgain]).toEqual([hers, hers, hers])
  expect([leila, both]).toEqual([
    [...shared, ...hers],
    [...shared, ...hers],
  ])
  expect(flights.map(({ statements }) => statements)).toEqual([5])
})

test('declared owners do not stay for the next reader on the connection', async () => {
  const few = world.databases({ sizes: { reads: 1 } })
  const { db } = few.forViewer(world.maryam)
  expect(await pages(db.reading([world.leila.userId]))).toHaveLength(6)
  expect(await pages(db)).toHaveLength(3)
  expect(await pages(few.forViewer(null).db)).toEqual([])
})

test('what many viewers ask in one round of the event loop leaves in one write for each connection', async () => {
  const few = world.databases({ sizes: { reads: 1 } })
  const askAll = () => Promise.all([world.leila, world.budi, null].map((viewer) => pages(few.forViewer(viewer).db)))
  const before = await askAll()
  // Node writes by the one what it was given in pieces, by the other what came whole.
  const stream: Pick<Writable, '_write'> & { _writev: Writable['_write'] } = Socket.prototype as never
  const writes = [jest.spyOn(stream, '_writev'), jest.spyOn(stream, '_write')]
  try {
    expect(await askAll()).toEqual(before)
    expect(writes.flatMap(({ mock }) => mock.calls)).toHaveLength(1)
  } finally {
    for (const write of writes) write.mockRestore()
  }
})

test('the statements of one tick are one group and see one snapshot', async () => {
  const { db, flights } = as(world.leila)
  const snapshots = await Promise.all(
    [db, db.reading([world.budi.userId]), db].map((handle) =>
      one(handle, sql<{ at: string }>`select pg_current_snapshot()::text || now() as at`),
    ),
  )
  expect(new Set(snapshots.map(({ at }) => at)).size).toBe(1)
  await pages(db)
  expect(flights.map(({ statements, again }) => ({ statements, again }))).toEqual([
    { statements: 3, again: false },
    { statements: 1, again: false },
  ])
  expect(flights[1]?.sql).toEqual(['select text from diaries order by user_id, page'])
})

test('reads cannot write', async () => {
  const { db } = as(world.leila)
  const refused = sql`update diaries set text = 'x'`.execute(db)
  await expect(refused).rejects.toMatchObject({ code: '25006' })
  await expect(db.transaction().execute(async () => {})).rejects.toThrow('context.transaction()')
})

test('big numbers, dates and amounts stay the text that PostgreSQL wrote', async () => {
  const row = await one(
    as(world.leila).db,
    sql`select 9007199254740993::bigint as id, date '0044-03-15 BC' as day, 1.500::numeric as amount,
          timestamptz '2025-01-01 12:00:00.123456+03' as at`,
  )
  expect(row).toEqual({
    id: '9007199254740993',
    day: '0044-03-15 BC',
    amount: '1.500',
    at: '2025-01-01 09:00:00.123456+00',
  })
})

test('an id that is not made of digits never reaches a connection', () => {
  const hostile = "5'; drop table users; --"
  expect(() => as(world.leila).db.reading([hostile])).toThrow(TypeError)
  const { db } = as({ ...world.leila, userId: hostile })
  return expect(pages(db)).rejects.toThrow('A user id is made of digits.')
})

test('a value that cannot be written fails its own statement before anything is sent', async () => {
  const { db, flights } = as(world.leila)
  const circle: { self?: object } = {}
  circle.self = circle
  const [bad, tooMany, good] = await Promise.allSettled([
    sql`select ${circle}::jsonb`.execute(db),
    sql`select ${sql.join(Array.from({ length: 66_000 }, (_, i) => i))}`.execute(db),
    one(db, sql`select ${{ a: [1] }}::jsonb as json, ${['x', null]}::text[] as list`),
  ])
  expect([bad.status, tooMany.status]).toEqual(['rejected', 'rejected'])
  expect(good).toMatchObject({ value: { json: { a: [1] }, list: ['x', null] } })
  expect(flights.map(({ statements }) => statements)).toEqual([1])
})

test('a text is prepared once; beyond the bound texts go unnamed and answer all the same', async () => {
  const few = world.databases({ sizes: { reads: 1, statementNames: 3 } })
  const { db } = few.forViewer(world.leila)
  for (let round = 0; round < 2; round += 1) {
    for (const text of ['a', 'b', 'c', 'd']) {
      const found = one(db, sql<{ value: number }>`select ${sql.lit(text)} || ${round}::text as value`)
      expect(await found).toEqual({ value: `${text}${round}` })
    }
  }
  const prepared = sql<{ count: string }>`select count(*) from pg_prepared_statements`
  // One name is for the settings that stand before them.
  expect(await one(db, prepared)).toEqual({ count: '3' })
})

test('a request that was given up is not sent', async () => {
  const left = new AbortController()
  const flights: FlightInfo[] = []
  const { db, transaction } = databases.forViewer(world.leila, {
    signal: left.signal,
    onFlight: (flight) => flights.push(flight),
  })
  const reading = pages(db)
  left.abort()
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  await expect(transaction(async () => {})).rejects.toMatchObject({ name: 'AbortError' })
  expect(flights).toEqual([])
})

test('the long pool reads as the viewer, with the declared owners, several statements in one snapshot', async () => {
  const { db } = as(world.maryam)
  expect(await pages(db.long)).toHaveLength(3)
  expect(await pages(db.reading([world.leila.userId]).long)).toHaveLength(6)
  expect(await pages(as(null).db.long)).toEqual([])
  const times = await db.long.connection().execute(async (same) => {
    const now = sql<{ now: string }>`select now() as now`
    return [await one(same, now), await one(same, now)]
  })
  expect(times[0]).toEqual(times[1])
  await expect(sql`delete from diaries`.execute(db.long)).rejects.toThrow()
  expect(await pages(db.long)).toHaveLength(3)
})

test('after the stop, which lets running reads finish, reads are refused', async () => {
  const ended = world.databases()
  const running = pages(ended.forViewer(world.leila).db)
  await new Promise(setImmediate)
  await ended.stop()
  expect(await running).toHaveLength(3)
  const late = await ended.ping().catch((error: unknown) => error)
  expect(extensionsOf(late)).toEqual({
    code: 'UNAVAILABLE',
    retryAfter: 1,
    http: { status: 503, headers: new Map([['retry-after', '1']]) },
  })
})

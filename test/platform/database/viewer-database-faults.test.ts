import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import type { Databases, DatabasesOptions } from '../../../src/platform/database/databases.ts'
import { enterReading, noOwners } from '../../../src/platform/database/sql-settings.ts'
import { makeStatementNames } from '../../../src/platform/database/statement-names.ts'
import type { Database, FlightInfo } from '../../../src/platform/database/types.ts'
import { type DiaryWorld, diaryWorld, extensionsOf, one, pages, until } from '../../support/diaries.ts'
import { type WireProxy, wireProxy } from '../../support/wire-proxy.ts'

let world: DiaryWorld
let proxy: WireProxy

beforeAll(async () => {
  world = await diaryWorld()
  proxy = await wireProxy(world.database.connections)
})
afterEach(async () => {
  await world.database.superuser.query('select pg_advisory_unlock_all()')
  proxy.accept()
})
afterAll(async () => {
  await world.stop()
  await proxy.stop()
})

const ownPages = {
  leila: ['leila 1', 'leila 2', 'leila 3'],
  budi: ['budi 1', 'budi 2', 'budi 3'],
  maryam: ['maryam 1', 'maryam 2', 'maryam 3'],
}
const unavailable = { code: 'UNAVAILABLE', retryAfter: 1, http: { status: 503 } }

/** One connection for everybody, so that all that is sent stands behind each other. */
function oneConnection(options: Partial<DatabasesOptions> = {}, through: WireProxy | undefined = undefined) {
  return world.databases({ ...options, sizes: { reads: 1 } }, through?.connections)
}

/** Waits for the lock that the superuser holds: it is sure to be running until then. */
function blocked(db: Database): Promise<{ done: boolean }> {
  return one(db, sql<{ done: boolean }>`select pg_advisory_xact_lock_shared(7) is not null as done`)
}
const takeLock = () => world.database.superuser.query('select pg_advisory_lock(7)')
const untilBlocked = (many = 1) => until(world.database, `(${waiting}) = ${many}`)
const waiting =
  "select count(*) from pg_stat_activity where datname = current_database() and usename = 'kitaab_app' and wait_event = 'advisory'"

function signal(how: 'pg_cancel_backend' | 'pg_terminate_backend') {
  return world.database.superuser.query(
    `select ${how}(pid) from pg_stat_activity
     where datname = current_database() and usename = 'kitaab_app' and wait_event = 'advisory'`,
  )
}

let texts = 0
/** Reads the own pages by a text that no connection has prepared; the same reader's second read has the same text. */
function newText(): (db: Database) => Promise<string[]> {
  texts += 1
  const statement = sql<{ text: string }>`select text from diaries where ${sql.lit(texts)} > 0 order by page`
  return (db) => statement.execute(db).then(({ rows }) => rows.map(({ text }) => text))
}

/** A failing statement, its neighbours, and groups of others sent right behind, with statements used for the first time. */
function around(databases: Databases, bad: (db: Database) => Promise<unknown>) {
  const flights: FlightInfo[] = []
  const { db } = databases.forViewer(world.leila, { onFlight: (flight) => flights.push(flight) })
  const others = [world.budi, world.maryam, world.budi].map((viewer) => databases.forViewer(viewer).db)
  const [first, second] = [newText(), newText()]
  const [before, failing, after, last] = [pages(db), bad(db), first(db), second(db)]
  return {
    flights,
    failing,
    neighbours: Promise.all([before, after, last]),
    // pg takes the neighbours' texts for prepared, as their first parse is on its way: it will not have succeeded.
    others: Promise.all([...others.map((other) => newText()(other)), ...others.map(first), ...others.map(second)]),
  }
}

const { leila, budi, maryam } = ownPages
const allNeighbours = [leila, leila, leila]
const allOthers = [budi, maryam, budi, budi, maryam, budi, budi, maryam, budi]

test('a division by zero fails its own field; neighbours and the groups behind it all answer', async () => {
  const { failing, neighbours, others, flights } = around(oneConnection(), (db) => sql`select 1 / 0`.execute(db))
  await expect(failing).rejects.toMatchObject({ code: '22012' })
  expect(await neighbours).toEqual(allNeighbours)
  expect(await others).toEqual(allOthers)
  expect(flights.map(({ statements, again }) => ({ statements, again }))).toEqual([
    { statements: 4, again: false },
    { statements: 2, again: true },
  ])
})

test('a statement that does not even parse fails its own field', async () => {
  const { failing, neighbours, others } = around(oneConnection(), (db) => sql`selec nonsense`.execute(db))
  await expect(failing).rejects.toMatchObject({ code: '42601' })
  expect(await neighbours).toEqual(allNeighbours)
  expect(await others).toEqual(allOthers)
})

test('a wrong number of parameters is the statement own fault, not a lost connection', async () => {
  const { db } = oneConnection().forViewer(world.leila)
  const [bad, good] = await Promise.allSettled([sql.raw('select $1::int + $2::int').execute(db), pages(db)])
  expect(bad).toMatchObject({ status: 'rejected', reason: { code: '08P01' } })
  expect(good).toMatchObject({ value: leila })
})

test('a statement that takes too long fails its own field with STATEMENT_TIMEOUT', async () => {
  const databases = oneConnection({ statementTimeoutMs: 1_000 })
  const { failing, neighbours, others } = around(databases, (db) => sql`select pg_sleep(60)`.execute(db))
  const error = await failing.catch((reason: unknown) => reason)
  expect(extensionsOf(error)).toMatchObject({ ...unavailable, reason: 'STATEMENT_TIMEOUT' })
  expect(await neighbours).toEqual(allNeighbours)
  expect(await others).toEqual(allOthers)
})

test('a cancelled backend fails the field that was running', async () => {
  await takeLock()
  const { failing, neighbours, others } = around(oneConnection(), blocked)
  const outcome = failing.catch((reason: unknown) => reason)
  await untilBlocked()
  await signal('pg_cancel_backend')
  expect(extensionsOf(await outcome)).toMatchObject({ ...unavailable, reason: 'STATEMENT_TIMEOUT' })
  expect(await neighbours).toEqual(allNeighbours)
  expect(await others).toEqual(allOthers)
})

test('a terminated backend fails nobody: what it left unanswered is flown again on a new connection', async () => {
  await takeLock()
  const { failing, neighbours, others } = around(oneConnection(), blocked)
  await untilBlocked()
  await signal('pg_terminate_backend')
  await untilBlocked()
  await world.database.superuser.query('select pg_advisory_unlock(7)')
  expect(await failing).toEqual({ done: true })
  expect(await neighbours).toEqual(allNeighbours)
  expect(await others).toEqual(allOthers)
})

test('several failing statements in one group each fail alone', async () => {
  const { db } = oneConnection().forViewer(world.leila)
  const outcomes = await Promise.allSettled([
    pages(db),
    sql`select 1 / 0`.execute(db),
    newText()(db),
    sql`select 'x'::int`.execute(db),
    sql`select 2 / 0`.execute(db),
    newText()(db),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled',
  ])
})

test('settings that fail never let answers through: nothing is read without its viewer', async () => {
  const databases = oneConnection({}, proxy)
  proxy.replaceNext("set_config('app.user_id'", "set_konfig('app.user_id'")
  const flights: FlightInfo[] = []
  const { db } = databases.forViewer(world.leila, { onFlight: (flight) => flights.push(flight) })
  const others = pages(databases.forViewer(world.budi).db)
  expect(await Promise.all([pages(db), newText()(db), others])).toEqual([leila, leila, budi])
  expect(flights.map(({ again }) => again)).toEqual([false, true])
})

/** How the settings of a reader begin on the wire, once they are prepared: their name, then their values with their lengths. */
function bindingOfSettings(values: readonly [string, string]): string {
  const name = makeStatementNames()(enterReading(world.maryam, noOwners).text)
  const formats = '\0\x02\0\0\0\0'
  return `${name}\0${formats}\0\x02${values.map((value) => `\0\0\0${String.fromCharCode(value.length)}${value}`).join('')}`
}

test('owners that could not be set never let answers through', async () => {
  const databases = oneConnection({}, proxy)
  await databases.ping()
  const binding = bindingOfSettings([world.maryam.userId, `{${world.leila.userId}}`])
  proxy.replaceNext(binding, `x${binding.slice(1)}`)
  const flights: FlightInfo[] = []
  const { db } = databases.forViewer(world.maryam, { onFlight: (flight) => flights.push(flight) })
  const shared = () => pages(db.reading([world.leila.userId]))
  expect(await Promise.all([pages(db), shared(), pages(db)])).toEqual([maryam, [...leila, ...maryam], maryam])
  expect(flights.map(({ statements, again }) => ({ statements, again }))).toEqual([
    { statements: 3, again: false },
    { statements: 1, again: true },
  ])
})

test('a storm of cancels among a thousand reads: an answer is right or an error, never wrongly empty', async () => {
  const databases = world.databases({ sizes: { reads: 1 } })
  let reading = true
  const storm = (async () => {
    while (reading) {
      await world.database.superuser.query(
        "select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'kitaab_app'",
      )
    }
  })()
  const wrong: unknown[] = []
  let right = 0
  for (let wave = 0; wave < 50; wave += 1) {
    const reads = Array.from({ length: 20 }, (_, turn) => {
      const name = turn % 2 === 0 ? 'leila' : 'budi'
      return pages(databases.forViewer(world[name]).db).then(
        (found) => {
          if (String(found) === String(ownPages[name])) right += 1
          else wrong.push(found)
        },
        (error: unknown) => {
          if (extensionsOf(error).code !== 'UNAVAILABLE') wrong.push(error)
        },
      )
    })
    await Promise.all(reads)
  }
  reading = false
  await storm
  expect(wrong).toEqual([])
  expect(right).toBeGreaterThan(0)
  expect(await pages(databases.forViewer(world.leila).db)).toEqual(leila)
})

test('a connection that is cut without a word is opened again, and nobody notices', async () => {
  const databases = oneConnection({}, proxy)
  await databases.ping()
  await takeLock()
  const reads = Promise.all([blocked(databases.forViewer(world.leila).db), pages(databases.forViewer(world.budi).db)])
  await untilBlocked()
  proxy.cut()
  // The server only notices that its client is gone when it writes to it: until then the old backend waits, too.
  await untilBlocked(2)
  await world.database.superuser.query('select pg_advisory_unlock(7)')
  expect(await reads).toEqual([{ done: true }, budi])
})

test('a lost connection that cannot be opened again is UNAVAILABLE, and reads go on as soon as it can', async () => {
  const databases = world.databases({}, proxy.connections)
  const { db } = databases.forViewer(world.leila)
  expect(await pages(db)).toEqual(leila)
  proxy.refuse()
  const errors = await Promise.all([pages(db), pages(db.long)].map((read) => read.catch((error: unknown) => error)))
  for (const error of errors) {
    expect(extensionsOf(error)).toMatchObject(unavailable)
    expect(extensionsOf(error).http).toMatchObject({ headers: new Map([['retry-after', '1']]) })
  }
  proxy.accept()
  expect(await Promise.all([pages(db), pages(db.long)])).toEqual([leila, leila])
})

test('idle connections that are cut do not end the process', async () => {
  const databases = world.databases()
  const { db, transaction } = databases.forViewer(world.leila)
  const readEverywhere = () =>
    Promise.all([pages(db), pages(db.long), transaction(pages), databases.auth.inTransaction(async () => {})])
  await readEverywhere()
  const ours = "from pg_stat_activity where datname = current_database() and usename in ('kitaab_app', 'kitaab_auth')"
  await world.database.superuser.query(`select pg_terminate_backend(pid) ${ours}`)
  await until(world.database, `not exists (select ${ours})`)
  expect(await readEverywhere()).toEqual([leila, leila, leila, undefined])
})

test('a plan that a migration made stale is made anew', async () => {
  const databases = oneConnection()
  const everything = async () => {
    const { rows } = await sql<{ text: string }>`select * from diaries order by page`.execute(
      databases.forViewer(world.leila).db,
    )
    return rows.map(({ text }) => text)
  }
  expect(await everything()).toEqual(leila)
  await world.database.admin.query('alter table diaries add column mood text')
  expect(await everything()).toEqual(leila)
  expect(await everything()).toEqual(leila)
})

test('more statements than may wait are refused, and those before them answered', async () => {
  const databases = world.databases({ sizes: { reads: 1, waiting: 3 } })
  await takeLock()
  const first = blocked(databases.forViewer(world.leila).db)
  await untilBlocked()
  const reads = Array.from({ length: 6 }, async () => {
    await new Promise(setImmediate)
    return pages(databases.forViewer(world.budi).db)
  })
  const outcomes = Promise.allSettled(reads)
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  await world.database.superuser.query('select pg_advisory_unlock(7)')
  expect(await first).toEqual({ done: true })
  const statuses = (await outcomes).map(({ status }) => status)
  expect(statuses).toContain('rejected')
  expect(statuses).toContain('fulfilled')
})

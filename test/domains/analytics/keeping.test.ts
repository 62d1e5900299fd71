import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { keepStatistics } from '../../../src/domains/analytics/keeping.ts'
import type { DB } from '../../../src/generated/database.ts'
import { withKysely } from '../../../src/platform/database/migrator.ts'
import { connected, newDatabase, type TestDatabase } from '../../support/database.ts'
import { newRecorder, type Recorder, record } from './world.ts'

let database: TestDatabase
let people: Recorder[]

beforeAll(async () => {
  database = await newDatabase()
  people = []
  for (let index = 0; index < 12; index += 1) people.push(await newRecorder(database, `person${index}`))
})
afterAll(() => database.stop())

const { signal } = new AbortController()

function keep() {
  return withKysely<Awaited<ReturnType<typeof keepStatistics>>, DB>(
    database.connections.forRole('kitaab_worker'),
    (worker) => keepStatistics(worker, { signal }),
  )
}

/** What is kept, as text. */
async function kept(): Promise<{ days: string[]; totals: string[] }> {
  const rows = async (table: string) =>
    (await database.admin.query(`select to_jsonb(kept)::text as row from reporting.${table} as kept order by 1`)).rows
  const texts = (found: { row: string }[]) => found.map(({ row }) => row)
  return { days: texts(await rows('daily_stats')), totals: texts(await rows('totals')) }
}

async function keptAnew() {
  await database.admin.query('truncate reporting.daily_stats, reporting.kept_owners, reporting.totals')
  await keep()
  return kept()
}

/** Straight from the entries, in other words than the worker's: what must be kept of each person's day. */
async function daysOfEntries(): Promise<string[]> {
  const { rows } = await database.admin.query(`
    select users.user_id || ' ' || category_type || ' ' || entry_date || ' ' || count(*) || ' ' || coalesce(sum(normalized_score), 0)::numeric(12,6) || ' ' || count(normalized_score) as line
    from users join deeds using (user_id) join deed_items as item using (user_id, deed_id) join entries using (user_id, deed_item_id)
    left join scale_values using (user_id, scale_value_id)
    left join deed_items as above on above.user_id = item.user_id and above.deed_item_id = item.parent_deed_item_id
    where users.status = 'active' and deeds.deleted_at is null and item.deleted_at is null and entries.deleted_at is null
      and not item.is_private and above.is_private is not true
    group by users.user_id, category_type, entry_date order by 1`)
  return rows.map(({ line }) => line)
}

async function daysKept(): Promise<string[]> {
  const { rows } = await database.admin.query(
    `select user_id || ' ' || category || ' ' || day || ' ' || entry_count || ' ' || score_sum || ' ' || scored_count as line from reporting.daily_stats order by 1`,
  )
  return rows.map(({ line }) => line)
}

const days = ['2025-12-31', '2026-01-01', '2026-01-04', '2026-01-05', '2026-01-31', '2026-02-01', '2026-02-02']
const day = fc.constantFrom(...days)
const who = fc.nat({ max: 11 })
const change = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('score' as const), who, day, number: fc.nat({ max: 2 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('count' as const), who, day, number: fc.nat({ max: 9 }) }) },
  fc.record({ kind: fc.constant('all' as const), who, day, number: fc.nat({ max: 2 }) }),
  ...(
    ['clear', 'delete', 'restore', 'private', 'public', 'hide', 'rename', 'suspend', 'reinstate', 'keep'] as const
  ).map((kind) => fc.record({ kind: fc.constant(kind), who, day, number: fc.nat({ max: 2 }) })),
)
type Change = typeof change extends fc.Arbitrary<infer Made> ? Made : never

const ofOwner: Readonly<Partial<Record<Change['kind'], string>>> = {
  private: "update deed_items set is_private = true where user_id = $1 and $2 <> ''",
  public: "update deed_items set is_private = false where user_id = $1 and $2 <> ''",
  hide: "update deed_items set is_active = not is_active where user_id = $1 and $2 <> ''",
  rename: "update deeds set name = name || '.' where user_id = $1 and category_type = $2",
  suspend: "update users set status = 'suspended' where user_id = $1 and $2 <> ''",
  reinstate: "update users set status = 'active' where user_id = $1 and $2 <> ''",
}

async function make({ kind, who: index, day: onDay, number }: Change): Promise<void> {
  const person = people[index]
  if (!person) return
  const category = number === 0 ? 'saiyyiaat' : 'hasanaat'
  // What a deleted item refuses is no change.
  if (kind === 'score') await record(database, person, { day: onDay, value: number }).catch(() => {})
  else if (kind === 'count') await record(database, person, { day: onDay, count: number }).catch(() => {})
  else if (kind === 'all')
    for (const each of people) await record(database, each, { day: onDay, value: number }).catch(() => {})
  else if (kind === 'clear')
    await database.admin.query('update entries set deleted_at = now() where user_id = $1 and entry_date = $2', [
      person.userId,
      onDay,
    ])
  else if (kind === 'keep') await keep()
  else if (kind === 'delete') await deleteDeed(person, category)
  else if (kind === 'restore') await restoreDeed(person, category)
  else await database.admin.query(ofOwner[kind] ?? '', [person.userId, category])
}

/** Deeds and their one item. */
async function deleteDeed({ userId }: Recorder, category: string): Promise<void> {
  const { rows } = await database.admin.query(
    `insert into deletions (user_id, kind, root_id, label, deleted_by)
     select user_id, 'deed', deed_id, name, user_id from deeds where user_id = $1 and category_type = $2 and deleted_at is null
     returning deletion_id, root_id`,
    [userId, category],
  )
  await database.admin.query('begin')
  for (const { deletion_id, root_id } of rows)
    for (const table of ['deeds', 'deed_items', 'scales'])
      await database.admin.query(
        `update ${table} set deleted_at = now(), deleted_by = $1, deletion_id = $2 where user_id = $1 and deed_id = $3`,
        [userId, deletion_id, root_id],
      )
  await database.admin.query('commit')
}

async function restoreDeed({ userId }: Recorder, category: string): Promise<void> {
  await database.admin.query('begin')
  for (const table of ['deeds', 'scales', 'deed_items'])
    await database.admin.query(
      `update ${table} set deleted_at = null, deleted_by = null, deletion_id = null where user_id = $1 and deleted_at is not null
       and deed_id in (select deed_id from deeds where user_id = $1 and category_type = $2)`,
      [userId, category],
    )
  await database.admin.query('commit')
}

test('after any changes, and runs between them, what is kept is what the entries say, and what a first run would keep', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 5, maxLength: 30 }), async (changes) => {
      for (const each of changes) await make(each)
      await keep()
      expect(await daysKept()).toEqual(await daysOfEntries())
      const now = await kept()
      expect(await keptAnew()).toEqual(now)
      await expectWholeParts()
    }),
    { numRuns: 15 },
  )
}, 120_000)

/**
 * Whatever analysts take from whatever, what remains is of ten people or more, or of nobody: a month less those of its days that are shown, and
 * a week less them.
 */
async function expectWholeParts() {
  const { rows } = await database.admin.query(`
    select totals.unit, totals.starts, totals.category, count(distinct stats.user_id)::integer as people,
      count(distinct stats.user_id) filter (where totals.average_score is not null and shown.average_score is null and scored_count > 0)::integer as scorers
    from reporting.totals
    join reporting.daily_stats as stats on stats.category = totals.category and date_trunc(totals.unit::text, stats.day)::date = totals.starts
    left join reporting.totals as shown on shown.unit = 'day' and shown.starts = stats.day and shown.category = stats.category
    where totals.people is not null
      and (shown.people is null or (totals.average_score is not null and shown.average_score is null and scored_count > 0))
    group by 1, 2, 3`)
  expect(rows.filter(({ people: few }) => few < 10)).toEqual([])
  expect(rows.filter(({ scorers }) => scorers > 0 && scorers < 10)).toEqual([])
}

test('a run that is broken off is gone on with by the next', async () => {
  const person = await newRecorder(database, 'late')
  await record(database, person, { day: '2026-04-01', value: 2 })
  const aborted = AbortSignal.abort()
  await expect(
    withKysely<unknown, DB>(database.connections.forRole('kitaab_worker'), (worker) =>
      keepStatistics(worker, { signal: aborted }),
    ),
  ).rejects.toThrow()
  await keep()
  expect(await daysKept()).toEqual(await daysOfEntries())
})

test('when the log of changes does not reach back, all days of an owner are looked at anew', async () => {
  const person = await newRecorder(database, 'forgotten')
  await keep()
  await record(database, person, { day: '2026-04-03', value: 2 })
  await database.superuser.query('delete from change_log')
  await record(database, person, { day: '2026-04-04', value: 2 })
  await keep()
  expect(await daysKept()).toEqual(await daysOfEntries())
})

test('of erased people nothing is kept after the next run', async () => {
  const [person] = people
  if (!person) throw new Error('nobody is there')
  await database.admin.query(
    `update users set status = 'erased', erased_at = now(), email = null, username = null, full_name = null, password_hash = null
     where user_id = $1`,
    [person.userId],
  )
  await keep()
  const { rows } = await database.admin.query('select from reporting.daily_stats where user_id = $1', [person.userId])
  expect(rows).toEqual([])
  const now = await kept()
  expect(await keptAnew()).toEqual(now)
})

test('analysts’ role reads totals and the instant they were made, and nothing else at all', async () => {
  const client = await connected(database.connections.forRole('kitaab_readonly'))
  try {
    const { rows } = await client.query(`
      select c.oid::regclass::text as name from pg_class as c
      where relkind in ('r', 'p', 'v', 'm') and relnamespace::regnamespace::text in ('public', 'reporting', 'graphile_worker')
        and has_any_column_privilege(c.oid, 'select, insert, update, references') order by 1`)
    expect(rows.map(({ name }) => name)).toEqual(['reporting.keeping', 'reporting.totals'])
    await expect(client.query('select from reporting.daily_stats')).rejects.toMatchObject({ code: '42501' })
    await expect(client.query('delete from reporting.totals')).rejects.toMatchObject({ code: '42501' })
  } finally {
    await client.end()
  }
})

test('no other role than the worker and those above it reads what a person’s day came to', async () => {
  const { rows } = await database.superuser.query(`
    select role, name from unnest('{kitaab_app,kitaab_auth,kitaab_readonly}'::text[]) as role,
      unnest('{daily_stats,kept_owners,stale_months}'::text[]) as name
    where has_any_column_privilege(role, 'reporting.' || name, 'select')`)
  expect(rows).toEqual([])
})

test('row-level security is on and forced on every table of the schema', async () => {
  const { rows } = await database.superuser.query(
    `select relname, relrowsecurity and relforcerowsecurity as is_protected from pg_class where relnamespace = 'reporting'::regnamespace and relkind = 'r'`,
  )
  expect(rows.length).toBe(5)
  expect(rows.filter((row) => !row.is_protected)).toEqual([])
})

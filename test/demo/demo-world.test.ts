import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { demoWorld } from '../../db/demo/world.ts'
import { allGoalsOfOwner } from '../../src/domains/progress/queries/goals.ts'
import { measureGoals } from '../../src/domains/progress/queries/measure.ts'
import { judgeGoal } from '../../src/domains/progress/rules.ts'
import { loadDemoWorld, NotEmpty } from '../../src/domains/transfer/demo/load.ts'
import type { DemoWorld } from '../../src/domains/transfer/demo/world.ts'
import type { DB } from '../../src/generated/database.ts'
import { withKysely } from '../../src/platform/database/migrator.ts'
import type { Database } from '../../src/platform/database/types.ts'
import { newDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
const progress: number[] = []
const options = {
  hashPassword: async (password: string) => `hash of ${password}`,
  onProgress: (done: number) => progress.push(done),
}

beforeAll(async () => {
  database = await newDatabase()
  await load(database, demoWorld)
})
afterAll(() => database.stop())

test('everybody has deeds of both categories, counted and on a scale, in trees of at least three levels', async () => {
  const { rows } = await database.admin.query(`
    select username, category_type as category, max(level) as levels, array_agg(distinct measure_type::text) as measures
    from users join deeds using (user_id) join deed_items using (user_id, deed_id) group by 1, 2 order by 1, 2`)
  const measures = ['count', 'scale']
  const sides = [
    { category: 'hasanaat', levels: 3, measures },
    { category: 'saiyyiaat', levels: 3, measures },
  ]
  expect(rows).toEqual(['budi', 'leila', 'maryam'].flatMap((username) => sides.map((side) => ({ username, ...side }))))
})

test('a year of entries reaches to yesterday, each with its history, none for today', async () => {
  const { rows } = await database.admin.query(`
    select count(*)::int as entries, max(owner_days.ago)::int as first, min(owner_days.ago)::int as last
    from entries join users using (user_id),
      lateral (select civil_date(now(), time_zone, day_start_minutes) - entry_date as ago) as owner_days`)
  expect(rows[0].entries).toBeGreaterThan(1000)
  expect(rows[0].entries).toBeLessThan(5000)
  expect(rows[0].first).toBeGreaterThan(350)
  // Its owner may have crossed midnight since.
  expect([1, 2]).toContain(rows[0].last)
  const { rows: changes } = await database.admin.query(`
    select count(*)::int as entries from entries
    where version <> (select count(*) from entry_history as change
      where (change.user_id, change.deed_item_id, change.entry_date) = (entries.user_id, entries.deed_item_id, entries.entry_date))`)
  expect(changes).toEqual([{ entries: 0 }])
})

test('merits stand as described, and what is stored of completions is what their entries say', async () => {
  await onDatabase(database, async (db) => {
    const people = await db.selectFrom('users').select(['user_id as userId', 'email']).execute()
    for (const { email, merits } of demoWorld.people) {
      const ownerId = people.find((person) => person.email === email)?.userId ?? ''
      const goals = await allGoalsOfOwner(db, { ownerId, kind: 'merit' })
      const measured = await measureGoals(
        db,
        goals.map(({ goalId, today }) => ({ ownerId, goalId, asOf: today })),
      )
      const judged = goals.map((goal) => {
        const items = measured.filter(({ goalId }) => goalId === goal.goalId)
        const { state, completedOn } = judgeGoal(goal.match, items, goal, goal.today)
        return { title: goal.title, state, stored: goal.completedOn, completedOn }
      })
      for (const { stored, completedOn } of judged) expect(stored).toBe(completedOn)
      const stands = Object.fromEntries(judged.map(({ title, state }) => [title, state]))
      expect(stands).toEqual(Object.fromEntries(merits.map((merit) => [merit.title, merit.stands])))
      expect(new Set(Object.values(stands)).size).toBeGreaterThanOrEqual(3)
    }
  })
})

test('a branch is shared where a relation was accepted, and nothing where it is pending', async () => {
  const { rows } = await database.admin.query(`
    select owner.username as owner, viewer.username as viewer, deeds.name as deed, bool_and(may_write) as writes,
      bool_and(shares_notes) as notes, array_agg(item.name order by item.deed_item_id) as items
    from item_access as access
    join users as owner on owner.user_id = access.user_id join users as viewer on viewer.user_id = viewer_id
    join deed_items as item on (item.user_id, item.deed_item_id) = (access.user_id, access.deed_item_id)
    join deeds on (deeds.user_id, deeds.deed_id) = (item.user_id, item.deed_id)
    group by 1, 2, 3 order by 1`)
  expect(rows).toEqual([
    {
      owner: 'budi',
      viewer: 'maryam',
      deed: 'Prayers',
      writes: false,
      notes: true,
      items: ['At the mosque', 'Subuh', 'Isya', 'Witir'],
    },
    {
      owner: 'leila',
      viewer: 'budi',
      deed: 'Quran',
      writes: false,
      notes: false,
      items: ['Recitation', 'In the morning', 'In the evening', 'Al-Kahf on Friday'],
    },
    {
      owner: 'maryam',
      viewer: 'leila',
      deed: 'Quran',
      writes: true,
      notes: true,
      items: ['Lesson', 'Recited to my teacher', 'Revision', 'By heart'],
    },
  ])
  const pending = await database.admin.query(`
    select requester.username as requester, requestee.username as requestee from relations
    join users as requester on requester.user_id = requester_id join users as requestee on requestee.user_id = requestee_id
    where relations.status = 'pending'`)
  expect(pending.rows).toEqual([{ requester: 'maryam', requestee: 'leila' }])
})

test('the entry that each person changed last has a history, and a delegate wrote one entry', async () => {
  const { rows } = await database.admin.query(`
    select distinct on (user_id) username, entries.version, notes from entries join users using (user_id)
    order by user_id, entries.updated_at desc, deed_item_id`)
  expect(rows).toHaveLength(3)
  for (const { version, notes } of rows) {
    expect(version).toBeGreaterThanOrEqual(2)
    expect(notes).not.toBeNull()
  }
  const delegated = await database.admin.query(`
    select owner.username as owner, writer.username as writer from entries
    join users as owner on owner.user_id = entries.user_id join users as writer on writer.user_id = updated_by_user_id
    where updated_by_user_id <> entries.user_id`)
  expect(delegated.rows).toEqual([{ owner: 'maryam', writer: 'leila' }])
})

test('everybody has a journal, and some have written to support, who owes an answer', async () => {
  const { rows } = await database.admin.query(`
    select username, count(*)::int as pages, max(reflection_date) <= max(civil_date(now(), time_zone, day_start_minutes)) as past
    from reflection_messages join users using (user_id) group by 1 order by 1`)
  expect(rows).toEqual([
    { username: 'budi', pages: 2, past: true },
    { username: 'leila', pages: 4, past: true },
    { username: 'maryam', pages: 2, past: true },
  ])
  const threads = await database.admin.query(`
    select person.username, unread_count as waiting, count(*)::int as letters, array_agg(distinct writer.role::text) as writers
    from message_threads join users as person using (user_id) join messages using (user_id)
    join users as writer on writer.user_id = author_id group by 1, 2 order by 1`)
  expect(threads.rows).toEqual([
    { username: 'budi', waiting: 0, letters: 2, writers: ['member', 'support'] },
    { username: 'leila', waiting: 1, letters: 3, writers: ['member', 'support'] },
  ])
})

test('progress rises to the end', () => {
  expect(progress.at(-1)).toBe(1)
  expect(progress).toEqual([...progress].sort((a, b) => a - b))
})

test('where there is anybody, it refuses and changes nothing', async () => {
  const count = async () => (await database.admin.query('select count(*) from entry_history')).rows
  const before = await count()
  await expect(load(database, demoWorld)).rejects.toThrow(NotEmpty)
  expect(await count()).toEqual(before)
})

test('it is made whole or not at all', async () => {
  const empty = await newDatabase()
  const [relation] = demoWorld.relations
  if (relation === undefined) throw new Error('The demo world has relations.')
  const broken = {
    ...demoWorld,
    relations: [{ ...relation, grants: [{ item: ['Quran', 'Nowhere'], type: 'read' as const, sharesNotes: false }] }],
  }
  await expect(load(empty, broken)).rejects.toThrow('The demo world names "Quran / Nowhere", which is not in it.')
  expect((await empty.admin.query('select count(*)::int as people from users')).rows).toEqual([{ people: 0 }])
  await empty.stop()
})

function load(target: TestDatabase, world: DemoWorld): Promise<void> {
  return onDatabase(target, (db) => loadDemoWorld(db, world, options))
}

function onDatabase<T>(target: TestDatabase, work: (db: Database) => Promise<T>): Promise<T> {
  return withKysely<T, DB>(target.connections.forRole('kitaab_admin'), work)
}

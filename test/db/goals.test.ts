import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { newDeed, newItem, newScale, newWorld, only, type Person, refusal, type World } from './world.ts'

let world: World
let leila: Person
let counted: string
let scaled: string
let pages: string
let fajr: string
let values: string[]
let count = 0
beforeAll(async () => {
  world = await newWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newPerson(`leila_${count}`)
  counted = await newDeed(leila, 'Reading')
  scaled = await newDeed(leila, 'Prayer', 'scale')
  pages = await newItem(leila, counted, 'Pages')
  fajr = await newItem(leila, scaled, 'Fajr')
  values = (await newScale(leila, scaled, ['no', 'yes'])).valueIds
})

interface Window {
  start?: string
  end?: string
  days?: number
}
/** A merit of this deed; a target when there is none. */
async function newGoal(
  deedId: string | null,
  { start = '2026-03-01', end = '2026-03-30', days = 30 }: Window = {},
  kind = deedId === null ? 'target' : 'merit',
) {
  return only(
    await leila.query(
      "insert into goals (user_id, kind, deed_id, title, start_date, end_date, duration_days) values ($1, $2, $3, 'A goal', $4, $5, $6) returning goal_id",
      [leila.id, kind, deedId, start, end, days],
    ),
  )
}
const ask = (
  goalId: string,
  itemId: string,
  metric: string,
  more: { value?: string | null; match?: string | null; target?: number } = {},
) =>
  refusal(
    leila.query(
      `insert into goal_items (user_id, goal_id, deed_item_id, metric, comparator, scale_value_id, scale_match, target_value)
       values ($1, $2, $3, $4, 'at_least', $5, $6, $7)`,
      [leila.id, goalId, itemId, metric, more.value ?? null, more.match ?? null, more.target ?? 10],
    ),
  )
const setGoal = (goalId: string, assignment: string) =>
  refusal(leila.query(`update goals set ${assignment} where goal_id = $1`, [goalId]))

test('GOAL-1 a merit is of one deed, a target of none', async () => {
  expect(await refusal(newGoal(counted))).toBe('accepted')
  expect(await refusal(newGoal(null))).toBe('accepted')
  expect(await refusal(newGoal(null, {}, 'merit'))).toBe('23514 goals_kind_check')
  expect(await refusal(newGoal(counted, {}, 'target'))).toBe('23514 goals_kind_check')
})

test('GOAL-1 a window is start to end, both in, of at most 3660 days', async () => {
  expect(await refusal(newGoal(null, { end: '2026-03-31' }))).toBe('23514 goals_window_check')
  expect(await refusal(newGoal(null, { end: '2026-02-28', days: 0 }))).toBe('23514 goals_duration_check')
  expect(await refusal(newGoal(null, { end: '2026-03-01', days: 1 }))).toBe('accepted')
  expect(await refusal(newGoal(null, { start: '2020-01-01', end: '2030-01-07', days: 3660 }))).toBe('accepted')
  expect(await refusal(newGoal(null, { start: '2020-01-01', end: '2030-01-08', days: 3661 }))).toBe(
    '23514 goals_duration_check',
  )
})

test('GOAL-1 what an item asks fits the measure of its deed', async () => {
  const goal = await newGoal(null)
  const match = { value: values[1] ?? null, match: 'at_or_above' }
  expect(await ask(goal, pages, 'count_sum')).toBe('accepted')
  expect(await ask(goal, fajr, 'count_sum')).toBe('KT400 measure_mismatch')
  expect(await ask(goal, fajr, 'scale_match', match)).toBe('accepted')
  expect(await ask(goal, pages, 'scale_match', match)).toBe('KT400 measure_mismatch')
  expect(await ask(goal, pages, 'days_recorded')).toBe('accepted')
  expect(await ask(goal, fajr, 'days_recorded')).toBe('accepted')
  expect(await ask(goal, fajr, 'scale_match')).toBe('23514 goal_items_scale_check')
  expect(await ask(goal, fajr, 'scale_match', { value: values[1] ?? null })).toBe('23514 goal_items_scale_check')
  expect(await ask(goal, pages, 'count_sum', match)).toBe('23514 goal_items_scale_check')
  expect(await ask(goal, pages, 'count_sum', { target: 0 })).toBe('23514 goal_items_target_check')
  const other = await newDeed(leila, 'Fasting', 'scale')
  const foreign = await newScale(leila, other, ['no', 'yes'])
  expect(await ask(goal, fajr, 'scale_match', { value: foreign.valueIds[0] ?? null, match: 'exact' })).toBe(
    'KT400 measure_mismatch',
  )
})

test('GOAL-1 a merit’s items are of its deed, and of its owner', async () => {
  const merit = await newGoal(counted)
  expect(await ask(merit, fajr, 'days_recorded')).toBe('KT400 not_of_deed')
  expect(await ask(merit, pages, 'days_recorded')).toBe('accepted')
  expect(await setGoal(merit, `deed_id = ${scaled}`)).toBe('KT400 not_of_deed')
  const budi = await world.newPerson(`budi_${count}`)
  const his = await newItem(budi, await newDeed(budi, 'Running'), 'Run')
  expect(await ask(await newGoal(null), his, 'days_recorded')).toMatch(/^23503/)
  expect(
    await refusal(
      budi.query(
        "insert into goals (user_id, kind, deed_id, title, start_date, end_date, duration_days) values ($1, 'merit', $2, 'x', '2026-01-01', '2026-01-01', 1)",
        [budi.id, counted],
      ),
    ),
  ).toMatch(/^23503/)
  expect(await budi.query('select from goals')).toEqual([])
})

test('GOAL-1 a goal has at most 50 items, and those taken out do not count', async () => {
  const goal = await newGoal(null)
  const insert = (many: number) =>
    refusal(
      leila.query(
        "insert into goal_items (user_id, goal_id, deed_item_id, metric, comparator, target_value) select $1, $2, $3, 'days_recorded', 'at_least', 1 from generate_series(1, $4::int)",
        [leila.id, goal, pages, many],
      ),
    )
  expect(await insert(51)).toBe('KT409 too_many_goal_items')
  expect(await insert(50)).toBe('accepted')
  expect(await insert(1)).toBe('KT409 too_many_goal_items')
  await leila.query(
    'update goal_items set deleted_at = now(), deleted_by = $1 where goal_item_id = (select min(goal_item_id) from goal_items)',
    [leila.id],
  )
  expect(await insert(1)).toBe('accepted')
})

test('GOAL-1 a measure that a goal asks for stays', async () => {
  const goal = await newGoal(null)
  const change = () => refusal(leila.query("update deeds set measure_type = 'scale' where deed_id = $1", [counted]))
  await ask(goal, pages, 'days_recorded')
  expect(await change()).toBe('accepted')
  await leila.query("update deeds set measure_type = 'count' where deed_id = $1", [counted])
  await ask(goal, pages, 'count_sum')
  expect(await change()).toBe('KT409 measure_fixed')
})

test('GOAL-6 a completion is a time and a day of the window, audited when it comes and when it goes', async () => {
  const goal = await newGoal(null)
  expect(await setGoal(goal, 'completed_at = now()')).toBe('23514 goals_completed_check')
  expect(await setGoal(goal, "completed_at = now(), completed_on = '2026-03-31'")).toBe('23514 goals_completed_check')
  expect(await setGoal(goal, "completed_at = now(), completed_on = '2026-03-30'")).toBe('accepted')
  expect(await setGoal(goal, 'completed_at = null, completed_on = null')).toBe('accepted')
  expect(await setGoal(goal, "title = 'Another'")).toBe('accepted')
  const audited = await leila.query(
    "select old_values ->> 'completed_on' as was, new_values ->> 'completed_on' as is from audit_log where action_type = 'goals.updated' and (old_values || new_values) ? 'completed_on' order by audit_log_id",
  )
  expect(audited).toEqual([
    { was: null, is: '2026-03-30' },
    { was: '2026-03-30', is: null },
  ])
})

test('GOAL-6 once sealed, a completion neither comes nor goes, and the window stays', async () => {
  const goal = await newGoal(null)
  expect(await setGoal(goal, 'sealed_at = now()')).toBe('accepted')
  expect(await setGoal(goal, "completed_at = now(), completed_on = '2026-03-30'")).toBe('KT409 goal_sealed')
  expect(await setGoal(goal, 'sealed_at = null')).toBe('KT409 goal_sealed')
  expect(await setGoal(goal, "end_date = '2026-03-31', duration_days = 31")).toBe('KT409 goal_sealed')
  expect(await setGoal(goal, "title = 'Another'")).toBe('accepted')
})

test('TREE-4 a deletion of a deed takes its merits, and a live merit is of a live deed', async () => {
  const merit = await newGoal(counted)
  const remove = (tables: string[]) =>
    leila.transaction(async (query) => {
      const id = only(
        await query(
          "insert into deletions (user_id, kind, root_id, label, deleted_by) values ($1, 'deed', $2, 'it', $1) returning deletion_id",
          [leila.id, counted],
        ),
      )
      for (const table of tables)
        await query(`update ${table} set deleted_at = now(), deleted_by = $1, deletion_id = $2 where deed_id = $3`, [
          leila.id,
          id,
          counted,
        ])
    })
  expect(await refusal(remove(['deeds', 'deed_items']))).toBe('KT409 deletion_incomplete')
  expect(await refusal(remove(['deeds', 'deed_items', 'goals']))).toBe('accepted')
  expect(await setGoal(merit, 'deleted_at = null, deleted_by = null, deletion_id = null')).toBe('KT409 parent_deleted')
  expect(await refusal(newGoal(counted))).toBe('KT409 parent_deleted')
})

test('the views merits and targets show each its kind, to its owner', async () => {
  const [merit, target] = [await newGoal(counted), await newGoal(null)]
  expect(await leila.query('select merit_id, deed_id, merit_type from merits')).toEqual([
    { merit_id: merit, deed_id: counted, merit_type: 'and' },
  ])
  expect(await leila.query('select target_id, target_type from targets')).toEqual([
    { target_id: target, target_type: 'and' },
  ])
  const stranger = await world.newPerson(`stranger_${count}`)
  expect(await stranger.query('select merit_id from merits union select target_id from targets')).toEqual([])
})

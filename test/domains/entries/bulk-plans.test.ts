// What the triggers of entries look at in a session that began with single entries, as sessions do.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { connected } from '../../support/database.ts'
import { type Diarist, type DiaryWorld, newDiaryWorld, newShelf } from './world.ts'

let world: DiaryWorld
let leila: Diarist
let shelf: Awaited<ReturnType<typeof newShelf>>
beforeAll(async () => {
  world = await newDiaryWorld()
  leila = await world.newDiarist('leila')
  shelf = await newShelf(leila)
})
afterAll(() => world.stop())

const counted = 'insert into entries (user_id, deed_item_id, entry_date, count_value) select $1, $2, date, 1'
const scaled =
  'insert into entries (user_id, deed_item_id, entry_date, scale_id, scale_value_id) select $1, $2, date, $3, $4'
const days = (count: number) => `from (select current_date - generate_series(1, ${count}) as date) as days`
const update = 'on conflict (user_id, deed_item_id, entry_date) do update'

test('ENT-5 no plan kept from single entries compares each row of a bulk with each', async () => {
  const client = await connected(world.database.connections.forAdministrator())
  const rowsDropped: number[] = []
  let plans = 0
  client.on('notice', ({ message = '' }) => {
    plans += 1
    for (const [, rows] of message.matchAll(/Rows Removed by (?:Join )?Filter: (\d+)/g)) rowsDropped.push(Number(rows))
  })
  await client.query("load 'auto_explain'")
  await client.query(
    `set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on; set auto_explain.log_timing = off;
     set auto_explain.log_nested_statements = on; set auto_explain.log_level = notice`,
  )
  await client.query("select set_config('app.user_id', $1, false)", [leila.id])
  const book = [leila.id, shelf.book]
  const fajr = [leila.id, shelf.fajr, shelf.scaleId]
  for (const count of [1, 1, 500]) {
    await client.query(`${counted} ${days(count)} ${update} set count_value = entries.count_value + 1`, book)
    await client.query(`${counted} ${days(count)} ${update} set count_value = entries.count_value + 1`, book)
    await client.query(`${scaled} ${days(count)} ${update} set scale_value_id = excluded.scale_value_id`, [
      ...fajr,
      shelf.late,
    ])
    await client.query(`${scaled} ${days(count)} ${update} set scale_value_id = excluded.scale_value_id`, [
      ...fajr,
      shelf.onTime,
    ])
    await client.query('update entries set deleted_at = now() where user_id = $1 and deed_item_id = $2', book)
    await client.query(
      'update entries set deleted_at = null where user_id = $1 and deed_item_id = $2 and deleted_at is not null',
      book,
    )
  }
  await client.end()
  expect(plans).toBeGreaterThan(100)
  expect(Math.max(0, ...rowsDropped)).toBeLessThanOrEqual(1000)
  const actions = await world.admin(
    'select action, count(*)::int from entry_history where user_id = $1 group by 1 order by 1',
    [leila.id],
  )
  expect(actions).toEqual([
    { action: 'created', count: 1000 },
    { action: 'updated', count: 1008 },
    { action: 'cleared', count: 502 },
    { action: 'restored', count: 502 },
  ])
})

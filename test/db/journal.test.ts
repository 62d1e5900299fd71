import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newWorld, only, type Person, refusal, type World } from './world.ts'

let world: World
let leila: Person
let budi: Person
beforeAll(async () => {
  world = await newWorld()
  leila = await world.newPerson('leila')
  budi = await world.newPerson('budi')
})
afterAll(() => world.stop())

const write = (person: Person, date: string, message: string, { owner = person, type = 'general' } = {}) =>
  person.query(
    `insert into reflection_messages (user_id, reflection_date, type, message) values ($1, $2, $3, $4)
     returning reflection_message_id`,
    [owner.id, date, type, message],
  )

test('a day has one reflection of each type, with a text that is none too long', async () => {
  const refused = (...args: Parameters<typeof write>) => refusal(write(...args))
  await write(leila, '2026-03-01', 'A calm day')
  expect(await refused(leila, '2026-03-01', 'Again')).toBe('23505 reflection_messages_day_key')
  expect(await refused(leila, '2026-03-01', 'What I did', { type: 'hasanaat' })).toBe('accepted')
  expect(await refused(leila, '1899-12-31', 'Too early')).toBe('23514 reflection_messages_date_check')
  expect(await refused(leila, '2026-03-02', ' ')).toBe('23514 reflection_messages_message_check')
  expect(await refused(leila, '2026-03-02', 'x'.repeat(20_001))).toBe('23514 reflection_messages_message_check')
  expect(await refused(leila, '2026-03-02', 'x'.repeat(20_000))).toBe('accepted')
})

test('the policies alone show a reflection to its owner, and let nobody else write or change one', async () => {
  const id = only(await write(budi, '2026-03-01', 'Nobody’s business'))
  const seen = 'select message from reflection_messages where reflection_message_id = $1'
  expect(await budi.query(seen, [id])).toHaveLength(1)
  await world.admin("update users set role = 'support' where user_id = $1", [leila.id])
  expect(await leila.query(seen, [id], [budi])).toEqual([])
  await world.admin("update users set role = 'admin' where user_id = $1", [leila.id])
  expect(await leila.query(seen, [id], [budi])).toEqual([])
  await leila.query("update reflection_messages set message = 'Mine' where reflection_message_id = $1", [id])
  expect(await budi.query(seen, [id])).toEqual([{ message: 'Nobody’s business' }])
  expect(await refusal(write(leila, '2026-03-05', 'Forged', { owner: budi }))).toBe('42501')
  expect(await refusal(budi.query('delete from reflection_messages'))).toBe('42501')
  const move = "update reflection_messages set reflection_date = '2026-03-04' where reflection_message_id = $1"
  expect(await refusal(budi.query(move, [id]))).toBe('42501')
})

test('a change raises its version and its owner’s number, and is audited without what was written', async () => {
  const yusuf = await world.newPerson('yusuf')
  const id = only(await write(yusuf, '2026-03-01', 'The first secret'))
  const change = (assignment: string) =>
    yusuf.query(`update reflection_messages set ${assignment} where reflection_message_id = $1 returning version`, [id])
  expect(only(await change("message = 'The first secret'"))).toBe(1)
  expect(only(await change("message = 'The second secret'"))).toBe(2)
  expect(only(await change('deleted_at = now()'))).toBe(3)
  expect(await yusuf.query("select op from change_log where entity = 'Reflection' order by seq")).toEqual([
    { op: 'created' },
    { op: 'updated' },
    { op: 'deleted' },
  ])
  const events = await yusuf.query(
    `select action_type, old_values, new_values from audit_log where table_name = 'reflection_messages' order by audit_log_id`,
  )
  expect(events.map((event) => event.action_type)).toEqual([
    'reflection_messages.created',
    'reflection_messages.updated',
    'reflection_messages.updated',
  ])
  expect(events[0]?.new_values).toMatchObject({ reflection_date: '2026-03-01', message: 'after' })
  expect(events[1]).toMatchObject({ old_values: { message: 'before' }, new_values: { message: 'after' } })
  expect(JSON.stringify(events)).not.toContain('secret')
})

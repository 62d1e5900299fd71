import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newWorld, only, type Person, type Row, refusal, type World } from './world.ts'

let world: World
let leila: Person
let budi: Person
/** Answers letters. */
let sara: Person
let admin: Person
beforeAll(async () => {
  world = await newWorld()
  leila = await world.newPerson('leila')
  budi = await world.newPerson('budi')
  sara = await newStaff('sara', 'support')
  admin = await newStaff('admin', 'admin')
})
afterAll(() => world.stop())

async function newStaff(name: string, role: string) {
  const person = await world.newPerson(name)
  await world.admin('update users set role = $2 where user_id = $1', [person.id, role])
  return person
}

const insert = `insert into messages (user_id, author, author_id, content) values ($1, $2, $3, $4) returning message_id`
const ask = async (person: Person, content = 'How does this work?') =>
  only(await person.query(insert, [person.id, 'user', person.id, content]))
const answer = (staff: Person, person: Person, content = 'Like this.') =>
  staff.query(insert, [person.id, 'support', staff.id, content])
const threadOf = (reader: Person, person: Person): Promise<Row[]> =>
  reader.query('select last_message_id, unread_count from message_threads where user_id = $1', [person.id])

test('the policies alone show letters to their person and to support, and to nobody else', async () => {
  const id = await ask(leila)
  const seen = async (reader: Person) =>
    (await reader.query('select from messages where message_id = $1', [id], [leila])).length
  expect([await seen(leila), await seen(sara), await seen(budi), await seen(admin)]).toEqual([1, 1, 0, 0])
  const threads = async (reader: Person) => (await threadOf(reader, leila)).length
  expect([await threads(leila), await threads(sara), await threads(budi), await threads(admin)]).toEqual([0, 1, 0, 0])
})

test('nobody writes in another’s name, support answers only who asked, and nobody answers themselves', async () => {
  const write = (writer: Person, values: unknown[]) => refusal(writer.query(insert, values))
  await ask(leila)
  expect(await write(budi, [leila.id, 'user', leila.id, 'Forged'])).toBe('42501')
  expect(await write(budi, [leila.id, 'support', budi.id, 'Forged'])).toBe('42501')
  expect(await write(admin, [leila.id, 'support', admin.id, 'Forged'])).toBe('42501')
  expect(await write(sara, [leila.id, 'support', leila.id, 'Forged'])).toBe('42501')
  expect(await write(leila, [leila.id, 'user', sara.id, 'Forged'])).toBe('42501')
  expect(await write(sara, [budi.id, 'support', sara.id, 'Unasked'])).toBe('KT404 no_thread')
  expect(await write(sara, [leila.id, 'support', sara.id, 'An answer'])).toBe('accepted')
  await ask(sara)
  expect(await write(sara, [sara.id, 'support', sara.id, 'To myself'])).toBe('23514 messages_author_check')
  expect(await threadOf(sara, sara)).toEqual([])
  expect(await write(leila, [leila.id, 'user', leila.id, 'x'.repeat(8001)])).toBe('23514 messages_content_check')
  expect(await refusal(leila.query("update messages set content = 'Other words'"))).toBe('42501')
  expect(await refusal(leila.query('delete from messages'))).toBe('42501')
})

test('support that was suspended, or is support no more, sees and writes nothing', async () => {
  const amir = await newStaff('amir', 'support')
  await ask(leila)
  for (const assignment of ["status = 'suspended'", "status = 'active', role = 'member'"]) {
    await world.admin(`update users set ${assignment} where user_id = $1`, [amir.id])
    expect(await amir.query('select from messages')).toEqual([])
    expect(await threadOf(amir, leila)).toEqual([])
    expect(await refusal(answer(amir, leila))).toBe('42501')
    expect(await amir.query('select * from people_of_threads($1)', [[leila.id]])).toEqual([])
  }
})

test('each side marks what the other wrote, once', async () => {
  const maryam = await world.newPerson('maryam')
  const asked = await ask(maryam)
  const answered = only(await answer(sara, maryam))
  const mark = async (reader: Person) =>
    (
      await reader.query('update messages set read_at = now() where user_id = $1 returning message_id', [maryam.id])
    ).map((row) => row.message_id)
  expect(await mark(budi)).toEqual([])
  expect(await mark(maryam)).toEqual([answered])
  expect(await mark(sara)).toEqual([asked])
  const readAt = async () =>
    only(await maryam.query('select read_at::text from messages where message_id = $1', [answered]))
  const first = await readAt()
  await maryam.query('update messages set read_at = null where message_id = $1', [answered])
  expect(await readAt()).toBe(first)
})

test('the inbox says what waits, also after letters at once', async () => {
  const yusuf = await world.newPerson('yusuf')
  const elsewhere = await world.elsewhere(yusuf)
  await ask(yusuf)
  const [first, second] = await Promise.all([ask(yusuf), ask(elsewhere)])
  const last = String(Math.max(Number(first), Number(second)))
  expect(await threadOf(sara, yusuf)).toEqual([{ last_message_id: last, unread_count: 3 }])
  await sara.query('update messages set read_at = now() where user_id = $1 and message_id <= $2', [yusuf.id, first])
  const answered = only(await answer(sara, yusuf))
  const left = only(
    await sara.query('select count(*)::int from messages where user_id = $1 and author = $2 and read_at is null', [
      yusuf.id,
      'user',
    ]),
  )
  expect(await threadOf(sara, yusuf)).toEqual([{ last_message_id: answered, unread_count: left }])
  expect(await sara.query('select * from people_of_threads($1)', [[yusuf.id, budi.id]])).toEqual([
    { user_id: yusuf.id, name: 'yusuf' },
  ])
  expect(await yusuf.query('select * from people_of_threads($1)', [[yusuf.id]])).toEqual([])
})

test('SES-4 who has not confirmed the address sends nothing', async () => {
  const zaid = await world.newPerson('zaid')
  await world.admin('update users set email_verified = false where user_id = $1', [zaid.id])
  expect(await refusal(ask(zaid))).toBe('KT409 email_not_verified')
})

test('thirty letters an hour, however many at once, and answers are not counted', async () => {
  const hana = await world.newPerson('hana')
  const many = (count: number) =>
    hana.query(
      `insert into messages (user_id, author, author_id, content) select $1, 'user', $1, 'x' from generate_series(1, $2::int)`,
      [hana.id, count],
    )
  expect(await refusal(many(31))).toBe('KT409 too_many_messages')
  await many(30)
  await answer(sara, hana)
  const tooMany = await hana
    .query(insert, [hana.id, 'user', hana.id, 'x'])
    .catch((error: { detail: string }) => error.detail)
  expect(Number(tooMany)).toBeGreaterThan(3590)
  expect(Number(tooMany)).toBeLessThanOrEqual(3600)
  await world.admin("update messages set created_at = created_at - interval '61 minutes' where user_id = $1", [hana.id])
  expect(await refusal(ask(hana))).toBe('accepted')
})

test('a letter raises its person’s number, and is audited without its words', async () => {
  const nur = await world.newPerson('nur')
  await ask(nur, 'A secret question')
  await answer(sara, nur, 'A secret answer')
  expect(await nur.query("select op, actor_id from change_log where entity = 'Message' order by seq")).toEqual([
    { op: 'created', actor_id: nur.id },
    { op: 'created', actor_id: sara.id },
  ])
  const events = await nur.query("select actor_id, new_values from audit_log where action_type = 'messages.created'")
  expect(events.map((event) => event.actor_id)).toEqual([nur.id, sara.id])
  expect(JSON.stringify(events)).not.toContain('secret')
})

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { answer, befriend, newWorld, only, type Person, refusal, request, type World } from './world.ts'

let world: World
let leila: Person
let budi: Person
let stranger: Person
let count = 0
beforeAll(async () => {
  world = await newWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newPerson(`leila_${count}`)
  budi = await world.newPerson(`budi_${count}`)
  stranger = await world.newPerson(`stranger_${count}`)
})

/** What a person asked, as they see it: whom, and whether it was accepted. */
const requestsOf = (person: Person) =>
  person.query(
    'select sent_to, accepted_at is not null as accepted, ended_at is not null as ended from relation_requests',
  )
const removed = (person: Person, relationId: string, by = person) =>
  refusal(
    person.query('update relations set deleted_at = now(), deleted_by = $2 where relation_id = $1', [
      relationId,
      by.id,
    ]),
  )
const step = (person: Person, relationId: string, status: string) =>
  refusal(answer({ ...person, id: leila.id }, relationId, status))

test('SHA-1 a relation begins as pending, by the one who asks, with somebody else', async () => {
  expect(await refusal(request(budi, budi))).toBe('23514 relations_self_check')
  const asAnother = budi.query("insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, 'x')", [
    leila.id,
    stranger.id,
  ])
  expect(await refusal(asAnother)).toMatch(/^(42501|KT409 relation_step)$/)
  expect(
    await refusal(
      world.admin(
        "insert into relations (requestee_id, requester_id, sent_to, status, responded_at) values ($1, $2, 'x', 'accepted', now())",
        [leila.id, budi.id],
      ),
    ),
  ).toBe('KT409 relation_step')
  expect(await refusal(request(budi, leila))).toBe('accepted')
  expect(await refusal(request(budi, leila))).toBe('23505 relations_live_key')
  expect(await refusal(request(leila, budi))).toBe('accepted')
})

test('SHA-1 only the one who was asked answers, and only the steps there are', async () => {
  const steps: Record<string, string[]> = {
    pending: ['accepted', 'declined', 'blocked'],
    accepted: ['blocked'],
    declined: [],
    blocked: [],
  }
  for (const [from, allowed] of Object.entries(steps))
    for (const to of Object.keys(steps).filter((status) => status !== from)) {
      const asker = await world.newPerson(`asker_${from}_${to}`)
      const relationId = await request(asker, leila)
      if (from !== 'pending') await answer(leila, relationId, from)
      // Before it is accepted, its row is not there for the one who asked.
      expect(await step(asker, relationId, to)).toBe(from === 'accepted' ? 'KT409 relation_step' : 'accepted')
      expect([from, to, await step(leila, relationId, to)]).toEqual([
        from,
        to,
        allowed.includes(to) ? 'accepted' : 'KT409 relation_step',
      ])
    }
})

test('SHA-1 either removes it, in their own name, and removed it stays', async () => {
  const relationId = await befriend(budi, leila)
  expect(await removed(budi, relationId, leila)).toBe('KT409 relation_step')
  expect(
    await stranger.query('update relations set deleted_at = now(), deleted_by = $1 returning 1', [stranger.id]),
  ).toEqual([])
  expect(await removed(budi, relationId)).toBe('accepted')
  expect(
    await refusal(
      leila.query('update relations set deleted_at = null, deleted_by = null where relation_id = $1', [relationId]),
    ),
  ).toBe('KT409 relation_step')
  expect(await step(leila, relationId, 'blocked')).toBe('KT409 relation_step')
  const another = await befriend(budi, leila)
  expect(await removed(leila, another)).toBe('accepted')
})

test('SHA-1 who was declined may ask again after 7 days, who was blocked never, until that is lifted', async () => {
  const waiting = async () =>
    (await leila.query("select relation_id from relations where status = 'pending' and deleted_at is null")).map(
      (row) => row.relation_id,
    )
  const ask = () => budi.query("select reached from request_relation('leila_' || $1)", [count])
  const reached = async () => (await ask())[0]?.reached
  expect(await reached()).toBe(leila.id)
  await answer(leila, (await waiting())[0], 'declined')
  expect(await refusal(request(budi, leila))).toBe('KT409 request_refused')
  expect(await reached()).toBeNull()
  expect(await waiting()).toEqual([])
  await world.admin("update relations set responded_at = now() - interval '7 days 1 second' where requester_id = $1", [
    budi.id,
  ])
  expect(await reached()).toBe(leila.id)
  const [blocked] = await waiting()
  await answer(leila, blocked, 'blocked')
  await world.admin("update relations set responded_at = now() - interval '1 year' where requester_id = $1", [budi.id])
  expect(await refusal(request(budi, leila))).toBe('KT409 request_refused')
  expect(await reached()).toBeNull()
  // What is blocked is not the requester's to remove.
  expect(await budi.query('update relations set deleted_at = now(), deleted_by = $1 returning 1', [budi.id])).toEqual(
    [],
  )
  expect(await removed(leila, blocked)).toBe('accepted')
  expect(await reached()).toBe(leila.id)
  expect(await requestsOf(budi)).toEqual([{ sent_to: `leila_${count}`, accepted: false, ended: false }])
})

test('SHA-1 a decline moves no number of the requester’s', async () => {
  const number = async () => only(await budi.query('select change_seq from owner_state where user_id = $1', [budi.id]))
  const relationId = await request(budi, leila)
  const asked = await number()
  await answer(leila, relationId, 'declined')
  expect(await number()).toBe(asked)
})

test('a person has at most 200 accepted relations a side', async () => {
  await world.admin(
    `with many as (
       insert into users (email, password_hash) select 'friend_' || $2 || '_' || n || '@kitaab.example', 'h' from generate_series(1, 201) as n returning user_id
     )
     insert into relations (requestee_id, requester_id, sent_to) select $1, user_id, 'x' from many`,
    [leila.id, count],
  )
  const accept = (limit: number) =>
    refusal(
      leila.query(
        "update relations set status = 'accepted' where (requestee_id, relation_id) in (select requestee_id, relation_id from relations where status = 'pending' limit $1)",
        [limit],
      ),
    )
  expect(await accept(201)).toBe('KT409 too_many_relations')
  expect(await accept(200)).toBe('accepted')
  expect(await accept(1)).toBe('KT409 too_many_relations')
})

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { refusalOf } from '../../support/deeds.ts'
import { type Sharer, type SharingWorld, sharingWorld } from '../../support/sharing.ts'
import { outcome } from '../identity/people.ts'

let world: SharingWorld
let leila: Sharer
let budi: Sharer
beforeAll(async () => {
  world = await sharingWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  leila = await world.newPerson('Leila')
  budi = await world.newPerson('Budi')
})

/** Leila's side of what Budi asked. */
const received = async (status?: string) => world.listed(leila, 'RECEIVED', status)

test('SHA-1 a person asks by username or address, in any case, and only who was asked answers', async () => {
  for (const to of [leila.username.toUpperCase(), ` ${leila.email.toUpperCase()} `]) {
    const asker = await world.newPerson('Asker')
    const { data } = await world.request(asker, to)
    expect(data.answer).toMatchObject({
      sentTo: to.trim().toLowerCase(),
      relation: { status: 'PENDING', direction: 'SENT', sentTo: to.trim().toLowerCase(), requestee: null },
    })
    const [asked] = await received('PENDING')
    expect(asked).toMatchObject({ direction: 'RECEIVED', sentTo: null, requester: { id: asker.globalId } })
    expect(outcome(await world.respond(asker, data.answer.relation.id, 'ACCEPT'))).toBe('NOT_FOUND')
    expect(outcome(await world.respond(asker, asked.id, 'ACCEPT'))).toBe('NOT_FOUND')
    expect((await world.respond(leila, asked.id, 'ACCEPT')).data.answer.relation).toMatchObject({ status: 'ACCEPTED' })
    expect(await world.listed(asker, 'SENT')).toMatchObject([
      { id: data.answer.relation.id, status: 'ACCEPTED', requestee: { id: leila.globalId } },
    ])
  }
})

test('SHA-1 an answer is given once; the same again changes nothing; who was accepted may be blocked', async () => {
  await world.request(budi, leila.username)
  const [{ id }] = await received()
  const answers = [
    ['DECLINE', 'ok'],
    ['DECLINE', 'ok'],
    ['ACCEPT', 'CONFLICT RELATION_ANSWERED'],
    ['BLOCK', 'CONFLICT RELATION_ANSWERED'],
  ]
  for (const [answer = '', told] of answers) expect(outcome(await world.respond(leila, id, answer))).toBe(told)
  const other = await world.newPerson('Other')
  const accepted = await world.befriend(other, leila)
  expect(outcome(await world.respond(leila, accepted, 'DECLINE'))).toBe('CONFLICT RELATION_ANSWERED')
  expect(outcome(await world.respond(leila, accepted, 'BLOCK'))).toBe('ok')
  expect(await world.listed(other, 'SENT')).toEqual([])
})

/** All that the requester can see of what they asked: the answer, the list, the node, the log, and their own number. */
async function everythingSeen(asker: Sharer, to: string) {
  const asked = (await world.request(asker, to)).data.answer
  const { id } = asked.relation
  const node = await world.ask(
    asker,
    `query ($id: ID!) { node(id: $id) { ... on Relation { id status sentTo direction respondedAt requester { id }
      requestee { id } permissions { id } pastPermissions { totalCount } } } }`,
    { id },
  )
  const log = await world.ask(
    asker,
    '{ me { version auditLog { nodes { action objectId oldValues newValues } } usage { relationsAsRequester { used } } } }',
  )
  const stored = await world.sql(
    `select version, sent_to, requestee_id, relation_id, accepted_at, ended_at, updated_at = created_at as untouched,
       (select change_seq from owner_state where owner_state.user_id = relation_requests.user_id) as change_seq,
       (select jsonb_agg(array[old_values, new_values] order by audit_log_id) from audit_log
        where audit_log.user_id = relation_requests.user_id and table_name = 'relation_requests') as audited
     from relation_requests where user_id = $1`,
    [asker.userId],
  )
  const seen = JSON.stringify([asked, node.data, node.errors, log.data, stored, await world.listed(asker, 'SENT')])
  // What differs between any two people, and two moments.
  return seen
    .replaceAll(to, 'TO')
    .replaceAll(new RegExp(`${asker.username}|${asker.email}`, 'g'), 'ASKER')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.+]+(Z|\d\d)?/g, 'WHEN')
    .replaceAll(/"(VXNlc|UmVsY|QWNjb|U2Vzc)[\w-]+"/g, '"ID"')
    .replaceAll(/"(user|relation_request)_id": ?\d+/g, '"ID"')
}

test('SHA-2 nobody, a decline, a recent decline, a block and silence look the same everywhere to who asked', async () => {
  const asked = async (answer?: string) => {
    const [asker, asks] = [await world.newPerson('Asker'), await world.newPerson('Asked')]
    await world.request(asker, asks.username)
    const [{ id }] = await world.listed(asks, 'RECEIVED')
    if (answer) await world.respond(asks, id, answer)
    return everythingSeen(asker, asks.username)
  }
  const nobody = await world.newPerson('Asker')
  await world.request(nobody, 'nobody_at_all')
  const seen = await everythingSeen(nobody, 'nobody_at_all')
  expect(seen).toContain('PENDING')
  expect(await asked()).toBe(seen)
  expect(await asked('DECLINE')).toBe(seen)
  expect(await asked('BLOCK')).toBe(seen)
})

test('SHA-2 a request to an address that was never confirmed reaches nobody', async () => {
  await world.sql('update users set email_verified = false where user_id = $1', [leila.userId])
  expect((await world.request(budi, leila.email)).data.answer.relation.status).toBe('PENDING')
  expect(await received()).toEqual([])
})

test('SHA-2 asking again while one is pending is the same answer, and no second row', async () => {
  const first = (await world.request(budi, leila.username)).data.answer
  expect((await world.request(budi, leila.username)).data.answer).toEqual(first)
  expect(await world.listed(budi, 'SENT')).toHaveLength(1)
  expect(await received()).toHaveLength(1)
})

test('SHA-2 fifty requests at once make one', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => world.request(budi, leila.username)))
  expect(new Set(answers.map(outcome))).toEqual(new Set(['ok']))
  expect(new Set(answers.map(({ data }) => data.answer.relation.id)).size).toBe(1)
  expect(await received()).toHaveLength(1)
  expect(await world.sql('select count(*)::int from relation_requests where user_id = $1', [budi.userId])).toEqual([
    { count: 1 },
  ])
})

test('SHA-2 two who ask each other at once both ask', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [one, two] = [await world.newPerson('One'), await world.newPerson('Two')]
    const both = await Promise.all([world.request(one, two.username), world.request(two, one.username)])
    expect(both.map(outcome)).toEqual(['ok', 'ok'])
    expect(await world.listed(one, 'RECEIVED')).toHaveLength(1)
    expect(await world.listed(two, 'RECEIVED')).toHaveLength(1)
  }
})

test('SHA-2 who takes a name later was not asked, until somebody asks again', async () => {
  await world.request(budi, 'taken_later')
  await world.sql("update users set username = 'taken_later' where user_id = $1", [leila.userId])
  expect(await received()).toEqual([])
  await world.request(budi, 'taken_later')
  expect(await received()).toHaveLength(1)
  expect(await world.listed(budi, 'SENT')).toHaveLength(1)
})

test('SHA-1 declined may ask again after 7 days, blocked never, until that is lifted', async () => {
  await world.request(budi, leila.username)
  const [{ id }] = await received()
  await world.respond(leila, id, 'DECLINE')
  await world.later('6 days', budi)
  await world.request(budi, leila.username)
  expect(await received('PENDING')).toEqual([])
  await world.later('2 days', budi)
  await world.request(budi, leila.username)
  const [again] = await received('PENDING')
  expect(again.id).not.toBe(id)
  await world.respond(leila, again.id, 'BLOCK')
  await world.later('60 days', budi)
  await world.request(budi, leila.username)
  expect(await received('PENDING')).toEqual([])
  expect(outcome(await world.remove(leila, again.id))).toBe('CONFLICT RELATION_BLOCKED')
  expect(outcome(await world.unblock(leila, again.id))).toBe('ok')
  expect(outcome(await world.unblock(leila, again.id))).toBe('NOT_FOUND')
  await world.request(budi, leila.username)
  expect(await received('PENDING')).toHaveLength(1)
})

test('SHA-1 one person asked by two names is one request to them, which waits as long as one of the two does', async () => {
  const first = (await world.request(budi, leila.username)).data.answer.relation
  const second = (await world.request(budi, leila.email)).data.answer.relation
  expect(await received()).toHaveLength(1)
  await world.remove(budi, first.id)
  const [asked] = await received()
  await world.respond(leila, asked.id, 'ACCEPT')
  expect(await world.listed(budi, 'SENT')).toMatchObject([
    { id: second.id, status: 'ACCEPTED', sentTo: leila.email.toLowerCase() },
  ])
})

test('nobody asks themselves, and what can be no name is refused', async () => {
  for (const to of [leila.username, leila.email])
    expect(refusalOf(await world.request(leila, to))).toEqual({
      code: 'BAD_USER_INPUT',
      reason: 'RELATION_WITH_ONESELF',
      field: 'input.to',
    })
  for (const to of ['', 'ab', 'two words', 'a@b@c', '@', `${'a'.repeat(250)}@b.example`])
    expect(outcome(await world.request(leila, to))).toBe('BAD_USER_INPUT INVALID_TEXT')
})

test('SES-4 an unconfirmed account neither asks nor accepts nor grants, but declines, blocks and removes', async () => {
  const { Fajr } = await world.prayers(leila)
  const accepted = await world.befriend(await world.newPerson('Friend'), leila)
  const asked: string[] = []
  for (const name of ['One', 'Two', 'Three']) {
    await world.request(await world.newPerson(name), leila.username)
    asked.push((await received('PENDING'))[0].id)
  }
  await world.sql('update users set email_verified = false where user_id = $1', [leila.userId])
  const refused = 'FORBIDDEN EMAIL_NOT_VERIFIED'
  expect(outcome(await world.request(leila, budi.username))).toBe(refused)
  expect(outcome(await world.respond(leila, asked[0] ?? '', 'ACCEPT'))).toBe(refused)
  expect(outcome(await world.grant(leila, accepted, [{ itemId: Fajr, type: 'READ' }]))).toBe(refused)
  expect(outcome(await world.respond(leila, asked[0] ?? '', 'DECLINE'))).toBe('ok')
  expect(outcome(await world.respond(leila, asked[1] ?? '', 'BLOCK'))).toBe('ok')
  expect(outcome(await world.unblock(leila, asked[1] ?? ''))).toBe('ok')
  expect(outcome(await world.remove(leila, asked[2] ?? ''))).toBe('ok')
})

test('20 people a day are asked, whether they are there or not, and those asked again do not count', async () => {
  for (let asked = 0; asked < 19; asked += 1)
    expect(
      outcome(await world.request(budi, asked % 2 ? `nobody_${asked}` : (await world.newPerson('Any')).username)),
    ).toBe('ok')
  const last = await Promise.all([world.request(budi, 'nobody_more'), world.request(budi, leila.username)])
  expect(last.map(outcome).sort()).toEqual(['RATE_LIMITED', 'ok'])
  const [refused] = last.filter(({ errors }) => errors)
  expect(refused?.errors?.[0]?.extensions.retryAfter).toBeGreaterThan(86_000)
  expect(refused?.errors?.[0]?.extensions.retryAfter).toBeLessThanOrEqual(86_400)
  expect(outcome(await world.request(budi, 'nobody_1'))).toBe('ok')
  expect(outcome(await world.request(budi, 'another_one'))).toBe('RATE_LIMITED')
  await world.later('1 day', budi)
  expect(outcome(await world.request(budi, 'another_one'))).toBe('ok')
}, 30_000)

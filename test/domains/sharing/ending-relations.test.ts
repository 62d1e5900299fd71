import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { runTask } from '../../support/jobs.ts'
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

test('SHA-2 what nobody answered ends after 30 days: no list, node or answer has it, and the job clears it away', async () => {
  const { relation } = (await world.request(budi, leila.username)).data.answer
  await world.request(budi, 'nobody_of_that_name')
  const [asked] = await received()
  await world.later('31 days', budi)
  expect(await world.listed(budi, 'SENT')).toEqual([])
  expect(await received()).toEqual([])
  expect(outcome(await world.respond(leila, asked.id, 'ACCEPT'))).toBe('NOT_FOUND')
  expect(outcome(await world.ask(leila, 'query ($id: ID!) { user(id: $id) { id } }', { id: budi.globalId }))).toBe(
    'NOT_FOUND',
  )
  for (const [person, id] of [[budi, relation.id] as const, [leila, asked.id] as const])
    expect(outcome(await world.ask(person, 'query ($id: ID!) { node(id: $id) { id } }', { id }))).toBe('NOT_FOUND')
  expect(outcome(await world.remove(budi, relation.id))).toBe('NOT_FOUND')
  await runTask(world.service, 'end_unanswered_requests')
  expect(
    await world.sql(
      `select (select count(*)::int from relations where requester_id = $1 and deleted_at is null) as relations,
         (select count(*)::int from relation_requests where user_id = $1 and ended_at is null) as requests`,
      [budi.userId],
    ),
  ).toEqual([{ relations: 0, requests: 0 }])
  expect((await world.request(budi, leila.username)).data.answer.relation.id).not.toBe(relation.id)
  expect(await received()).toHaveLength(1)
})

test('SHA-1 a request that was taken back is gone for both, and what was declined or blocked stays with who was asked', async () => {
  for (const [answer, stays] of [
    [null, 0],
    ['DECLINE', 1],
    ['BLOCK', 1],
  ] as const) {
    const asker = await world.newPerson('Asker')
    const { relation } = (await world.request(asker, leila.username)).data.answer
    const [{ id }] = await received('PENDING')
    if (answer) await world.respond(leila, id, answer)
    const before = (await received()).length
    expect(outcome(await world.remove(asker, relation.id))).toBe('ok')
    expect(await world.listed(asker, 'SENT')).toEqual([])
    expect((await received()).length - before + 1).toBe(stays)
    expect(outcome(await world.remove(asker, relation.id))).toBe('NOT_FOUND')
  }
})

test('SHA-1 either removes what was accepted; to the requester a block of it looks the same', async () => {
  const ends = {
    'the owner removes': (id: string) => world.remove(leila, id),
    'the owner blocks': (id: string) => world.respond(leila, id, 'BLOCK'),
  }
  const seen: unknown[] = []
  for (const end of Object.values(ends)) {
    const asker = await world.newPerson('Asker')
    const id = await world.befriend(asker, leila)
    await end(id)
    const log = await world.ask(asker, '{ me { auditLog { nodes { action actor { id } oldValues newValues } } } }')
    const [last] = log.data.me.auditLog.nodes
    seen.push([await world.listed(asker, 'SENT'), { ...last, newValues: Object.keys(last.newValues) }])
  }
  expect(seen[0]).toEqual([
    [],
    { action: 'relation_requests.updated', actor: null, oldValues: null, newValues: ['deletedAt'] },
  ])
  expect(seen[1]).toEqual(seen[0])
  const id = await world.befriend(budi, leila)
  const [sent] = await world.listed(budi, 'SENT')
  expect(outcome(await world.remove(budi, sent.id))).toBe('ok')
  expect(outcome(await world.ask(leila, 'query ($id: ID!) { node(id: $id) { id } }', { id }))).toBe('NOT_FOUND')
})

test('SHA-1 of accepting and blocking at once, one answer stands, and a block is the last word', async () => {
  for (let round = 0; round < 8; round += 1) {
    const asker = await world.newPerson('Asker')
    await world.request(asker, leila.username)
    const [{ id }] = await received('PENDING')
    const answers = await Promise.all([world.respond(leila, id, 'ACCEPT'), world.respond(leila, id, 'BLOCK')])
    expect(['ok', 'CONFLICT RELATION_ANSWERED']).toContain(outcome(answers[0]))
    expect(outcome(answers[1])).toBe('ok')
    expect(await received('BLOCKED')).toHaveLength(round + 1)
    expect(
      (await world.listed(asker, 'SENT')).filter(({ status }: { status: string }) => status === 'ACCEPTED'),
    ).toEqual([])
  }
})

test('SHA-1 taken back and accepted at once, both sides agree about it', async () => {
  for (let round = 0; round < 8; round += 1) {
    const asker = await world.newPerson('Asker')
    const { relation } = (await world.request(asker, leila.username)).data.answer
    const [{ id }] = await received('PENDING')
    const [removed, accepted] = await Promise.all([
      world.remove(asker, relation.id),
      world.respond(leila, id, 'ACCEPT'),
    ])
    expect(outcome(removed)).toBe('ok')
    expect(['ok', 'NOT_FOUND']).toContain(outcome(accepted))
    expect(await world.listed(asker, 'SENT')).toEqual([])
    expect(outcome(await world.ask(leila, 'query ($id: ID!) { node(id: $id) { id } }', { id }))).toBe('NOT_FOUND')
  }
})

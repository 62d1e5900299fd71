// Who may read what is kept, what a hit costs, and random people, writes and questions.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { diary, goals, type KeptWorld, keptWorld, sharedDiary } from '../support/kept.ts'
import type { Sharer } from '../support/sharing.ts'

let world: KeptWorld
beforeAll(async () => {
  world = await keptWorld()
})
afterAll(() => world.stop())

test('SHA-8 what one person was told is told to nobody else', async () => {
  const { leila, maryam, relationId, items } = await sharedDiary(world)
  const budi = await world.newPerson('Budi')
  await world.done(world.grant(leila, relationId, [{ itemId: items.Fajr, type: 'READ' }]))
  const variables = { id: leila.globalId }
  // Leila's answer is warm before the others ask.
  for (const as of [leila, leila, maryam, maryam, budi, budi, leila])
    expect(await world.cached(as, diary, variables)).toEqual(await world.uncached(as, diary, variables))
  expect((await world.cached(maryam, diary, variables)).data.user.entries.nodes[0].notes).toBeNull()
  expect((await world.cached(budi, diary, variables)).data.user).toBeNull()
})

test('scopes and sessions are asked for what is kept as for what is not', async () => {
  const { leila } = await sharedDiary(world)
  const variables = { id: leila.globalId }
  await world.cached(leila, diary, variables)
  const without = { ...leila, scopes: leila.scopes.filter((scope) => scope !== 'ENTRIES_READ') }
  expect(await world.cached(without, diary, variables)).toMatchObject({
    status: 400,
    errors: [[expect.stringContaining('ENTRIES_READ'), undefined, 'FORBIDDEN']],
  })
  const { errors } = await world.service.execute(diary, variables)
  expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
})

test('a hit is one statement, costs the same points and has the same headers', async () => {
  const { leila } = await sharedDiary(world)
  const ask = () => world.ask(leila, diary, { id: leila.globalId })
  const remaining = ({ response }: Awaited<ReturnType<typeof ask>>) =>
    Number(/r=(\d+)/.exec(String(response.headers.ratelimit))?.[1])
  const start = remaining(await world.ask(leila, '{ me { id } }'))
  const missed = await ask()
  const hit = await ask()
  expect(missed.flights.length).toBeGreaterThan(1)
  expect(hit.flights.map(({ statements }) => statements)).toEqual([1])
  expect(hit.flights[0]?.sql[0]).toContain('change_seq')
  expect(start - remaining(missed)).toBeGreaterThan(20)
  expect(remaining(missed) - remaining(hit)).toBe(start - remaining(missed))
  expect(hit.response.body).toBe(missed.response.body)
  const { ratelimit: _1, date: _2, 'x-request-id': _3, ...headers } = hit.response.headers
  expect(missed.response.headers).toMatchObject(headers)
})

test('what is no work, and what may not be kept, asks nothing of the cache', async () => {
  const { leila } = await sharedDiary(world)
  const before = world.stats()
  for (const query of ['{ me { user { today } } }', '{ me { todayEndsAt user { dashboard { from } } } }'])
    for (let count = 0; count < 2; count += 1) expect((await world.ask(leila, query)).flights.length).toBe(1)
  expect(world.stats()).toEqual(before)
})

test('many who ask at once have it computed once', async () => {
  const { leila } = await sharedDiary(world)
  const answers = await Promise.all(Array.from({ length: 20 }, () => world.ask(leila, diary, { id: leila.globalId })))
  expect(new Set(answers.map(({ response }) => response.body)).size).toBe(1)
  const computed = answers.filter(({ flights }) => flights.length > 1)
  expect(computed.length).toBe(1)
})

// ------------------------------------------------------------------------------------------------ random pairs and writes

interface Fleet {
  readonly people: readonly Sharer[]
  readonly items: readonly Awaited<ReturnType<KeptWorld['prayers']>>[]
  /** By owner, then requester. */
  readonly relations: ReadonlyMap<string, string>
}

async function newFleet(): Promise<Fleet> {
  const people = [await world.newPerson('Aisha'), await world.newPerson('Bilal'), await world.newPerson('Dina')]
  const items = []
  for (const person of people) items.push(await world.prayers(person))
  const relations = new Map<string, string>()
  for (const [owner, requester] of [
    [0, 1],
    [0, 2],
    [1, 0],
  ] as const)
    relations.set(`${owner} ${requester}`, await world.befriend(people[requester] as Sharer, people[owner] as Sharer))
  return { people, items, relations }
}

const one = fc.integer({ min: 0, max: 2 })
const name = fc.constantFrom('Fajr' as const, 'Sunnah' as const, 'Isha' as const)
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('ask' as const), viewer: one, owner: one }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('record' as const), owner: one, name, count: fc.nat(9) }) },
  fc.record({ kind: fc.constant('rename' as const), owner: one, name, text: fc.constantFrom('Dawn', 'Night', 'Dusk') }),
  fc.record({ kind: fc.constant('hide' as const), owner: one, name, isPrivate: fc.boolean() }),
  fc.record({
    kind: fc.constant('grant' as const),
    owner: one,
    viewer: one,
    name,
    sharesNotes: fc.boolean(),
    includesDescendants: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('move' as const),
    owner: one,
    under: fc.constantFrom('Fajr' as const, 'Isha' as const),
  }),
  fc.record({ kind: fc.constant('remove' as const), owner: one, viewer: one }),
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** What is refused changes nothing, which is as good. */
async function write({ people, items, relations }: Fleet, given: Exclude<Step, { kind: 'ask' }>): Promise<void> {
  const owner = people[given.owner] as Sharer
  const mine = items[given.owner] as Awaited<ReturnType<KeptWorld['prayers']>>
  if (given.kind === 'record') {
    const fields = { itemId: mine[given.name], count: String(given.count), notes: `note ${given.count}` }
    await world.send(owner, 'recordEntry', 'status', fields)
  } else if (given.kind === 'rename')
    await world.send(owner, 'updateDeedItem', 'item { id }', { itemId: mine[given.name], name: given.text })
  else if (given.kind === 'hide')
    await world.send(owner, 'updateDeedItem', 'item { id }', {
      itemId: mine[given.name],
      isPrivate: given.isPrivate,
      acknowledgeWiderAccess: true,
    })
  else if (given.kind === 'move')
    await world.send(owner, 'moveDeedItem', 'item { id }', {
      itemId: mine.Sunnah,
      parentId: mine[given.under],
      acknowledgeWiderAccess: true,
    })
  else {
    const relationId = relations.get(`${given.owner} ${given.viewer}`)
    if (relationId === undefined) return
    if (given.kind === 'remove') await world.remove(owner, relationId)
    else {
      const { sharesNotes, includesDescendants } = given
      const itemId = mine[given.name]
      await world.grant(owner, relationId, [{ itemId, type: 'READ', sharesNotes, includesDescendants }])
    }
  }
}

test('DASH-2 SHA-8 SHA-9 with anything warm, answers are those of a service that keeps none', async () => {
  const before = world.stats()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 16 }), async (steps) => {
      const fleet = await newFleet()
      for (const given of steps) {
        if (given.kind !== 'ask') await write(fleet, given)
        const asked = given.kind === 'ask' ? [given] : [0, 1, 2].map((viewer) => ({ viewer, owner: given.owner }))
        for (const { viewer, owner } of asked) {
          const as = fleet.people[viewer] as Sharer
          const variables = { id: fleet.people[owner]?.globalId }
          const truth = await world.uncached(as, diary, variables)
          expect(await world.cached(as, diary, variables)).toEqual(truth)
          expect(await world.cached(as, diary, variables)).toEqual(truth)
        }
      }
    }),
    { numRuns: 4 },
  )
  expect(world.stats().hits - before.hits).toBeGreaterThan(20)
}, 60_000)

test('goals of one person are not those of another', async () => {
  const { leila, maryam } = await sharedDiary(world)
  for (const as of [leila, maryam, leila])
    expect(await world.cached(as, goals)).toEqual(await world.uncached(as, goals))
})

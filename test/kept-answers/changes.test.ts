// Two equal requests, and between them a change: the second is answered as if nothing were kept.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { passedTo } from '../support/clock.ts'
import { diary, goals, type KeptWorld, keptWorld, sharedDiary } from '../support/kept.ts'
import type { Sharer } from '../support/sharing.ts'

let world: KeptWorld
beforeAll(async () => {
  world = await keptWorld()
})
afterAll(() => world.stop())

type Diary = Awaited<ReturnType<typeof sharedDiary>>
type Who = 'leila' | 'maryam'

/** Asks twice, the second time to be answered by what was kept, and compares both with what is so. */
async function askedTwice(as: Sharer, query: string, variables: Record<string, unknown> = {}) {
  const truth = await world.uncached(as, query, variables)
  expect(await world.cached(as, query, variables)).toEqual(truth)
  const { hits } = world.stats()
  expect(await world.cached(as, query, variables)).toEqual(truth)
  return { answer: truth, wasKept: world.stats().hits > hits }
}

const { send, done } = {
  send: (...given: Parameters<KeptWorld['send']>) => world.send(...given),
  done: (...given: Parameters<KeptWorld['done']>) => world.done(...given),
}

/** The clock of the database passes the owner's midnight, and nothing else happens, no trigger either. */
async function midnight({ userId }: Sharer): Promise<void> {
  await world.service.database.superuser.query(`
    begin; set local session_replication_role = replica;
    update users set day_start_minutes = day_start_minutes - 1440 where user_id = ${userId}; commit`)
}

const soon = () => new Date(Date.now() + 3_600_000).toISOString()

const changes: [string, readonly Who[], (diary: Diary) => Promise<unknown>][] = [
  ['an entry', ['leila', 'maryam'], ({ leila, items, record }) => done(record(leila, items.Sunnah, { count: '3' }))],
  [
    'an entry of a delegate’s',
    ['leila', 'maryam'],
    ({ maryam, items, record }) => done(record(maryam, items.Fajr, { count: '1' })),
  ],
  [
    'an entry that is cleared',
    ['leila', 'maryam'],
    ({ leila, entryId }) => done(send(leila, 'clearEntry', 'item { id }', { entryId })),
  ],
  [
    'a rename',
    ['leila', 'maryam'],
    ({ leila, items }) =>
      done(send(leila, 'updateDeedItem', 'item { id }', { itemId: items.Sunnah, name: 'Two before it' })),
  ],
  [
    'a rename of the person',
    ['leila', 'maryam'],
    ({ leila }) => done(send(leila, 'updateAccount', 'account { id }', { fullName: 'Leila bint Ahmad' })),
  ],
  [
    'a move',
    ['leila', 'maryam'],
    ({ leila, items }) =>
      done(send(leila, 'moveDeedItem', 'item { id }', { itemId: items.Sunnah, parentId: items.Isha })),
  ],
  [
    'privacy',
    ['leila', 'maryam'],
    ({ leila, items }) => done(send(leila, 'updateDeedItem', 'item { id }', { itemId: items.Sunnah, isPrivate: true })),
  ],
  [
    'a deletion',
    ['leila', 'maryam'],
    ({ leila, items }) => done(send(leila, 'deleteDeedItem', 'deletion { id }', { itemId: items.Sunnah })),
  ],
  [
    'a grant',
    ['maryam'],
    ({ leila, relationId, items }) => done(world.grant(leila, relationId, [{ itemId: items.Isha, type: 'READ' }])),
  ],
  [
    'a grant that takes notes away',
    ['maryam'],
    ({ leila, relationId, items }) => done(world.grant(leila, relationId, [{ itemId: items.Fajr, type: 'READ' }])),
  ],
  ['its revocation', ['maryam'], ({ leila, permissionId }) => done(world.revoke(leila, [permissionId]))],
  ['midnight', ['leila', 'maryam'], ({ leila }) => midnight(leila)],
  ['the relation removed by its owner', ['maryam'], ({ leila, relationId }) => done(world.remove(leila, relationId))],
  [
    'the relation removed by its requester',
    ['maryam'],
    async ({ maryam }) => {
      const [{ id }] = await world.listed(maryam, 'SENT')
      await done(world.remove(maryam, id))
    },
  ],
  ['a block', ['maryam'], ({ leila, relationId }) => done(world.respond(leila, relationId, 'BLOCK'))],
]

test.each(changes)('DASH-2 SHA-9 after %s nobody is told what was so before', async (_name, whoSee, change) => {
  const shared = await sharedDiary(world)
  const { leila } = shared
  await world.sql('update users set day_start_minutes = 720 where user_id = $1', [leila.userId])
  const before = new Map<Who, unknown>()
  for (const who of ['leila', 'maryam'] as const) {
    const { answer, wasKept } = await askedTwice(shared[who], diary, { id: leila.globalId })
    expect({ who, wasKept }).toEqual({ who, wasKept: true })
    before.set(who, answer)
  }
  await change(shared)
  for (const who of ['leila', 'maryam'] as const) {
    const { answer, wasKept } = await askedTwice(shared[who], diary, { id: leila.globalId })
    // What does not exist for somebody is kept for nobody.
    expect({ who, wasKept }).toEqual({ who, wasKept: answer.errors === undefined })
    if (whoSee.includes(who)) expect(answer).not.toEqual(before.get(who))
  }
})

test('SHA-9 after a grant ran out by the clock nobody is told what it showed, nor the notes that it shared', async () => {
  const { leila, maryam, items, relationId } = await sharedDiary(world)
  const grants = [
    { itemId: items.Fajr, type: 'READ' },
    { itemId: items.Sunnah, type: 'READ', sharesNotes: true, expiresAt: soon() },
    { itemId: items.Isha, type: 'READ', expiresAt: soon() },
  ]
  await done(world.grant(leila, relationId, grants))
  const before = await askedTwice(maryam, diary, { id: leila.globalId })
  expect(before.wasKept).toBe(true)
  expect(JSON.stringify(before.answer)).toMatch(/early.*Isha|Isha.*early/)
  const { rows } = await world.service.database.admin.query('select change_seq from owner_state where user_id = $1', [
    leila.userId,
  ])
  await passedTo(world.service.database, new Date(Date.now() + 7_200_000).toISOString(), leila)
  const after = await askedTwice(maryam, diary, { id: leila.globalId })
  expect(after.wasKept).toBe(true)
  expect(JSON.stringify(after.answer)).not.toMatch(/early|Isha/)
  const later = await world.service.database.admin.query('select change_seq from owner_state where user_id = $1', [
    leila.userId,
  ])
  // The clock alone did it.
  expect(later.rows).toEqual(rows)
})

test('DASH-2 goals are told as they are after each entry, and after midnight', async () => {
  const { leila, items, record } = await sharedDiary(world)
  await world.sql('update users set day_start_minutes = 720 where user_id = $1', [leila.userId])
  const goal = { metric: 'COUNT_SUM', target: '10', itemId: items.Fajr }
  await done(
    send(leila, 'createMerit', 'merit { id }', { deedId: items.Prayer, title: 'Ten', durationDays: 3, items: [goal] }),
  )
  const told: unknown[] = []
  const look = async () => {
    const { answer, wasKept } = await askedTwice(leila, goals)
    expect(wasKept).toBe(true)
    expect(told).not.toContainEqual(answer)
    told.push(answer)
  }
  await look()
  await done(record(leila, items.Fajr, { count: '4' }))
  await look()
  await midnight(leila)
  await look()
  await done(record(leila, items.Sunnah, { count: '12' }))
  await look()
})

test('DASH-2 every request after a write is told of it, whoever else asks meanwhile', async () => {
  const { leila, items, record } = await sharedDiary(world)
  const ask = async () => (await world.cached(leila, diary, { id: leila.globalId })).data.user.entries.nodes[0].count
  let asking = true
  const others = Array.from({ length: 3 }, async () => {
    while (asking) await ask()
  })
  for (let count = 10; count < 40; count += 1) {
    await done(record(leila, items.Sunnah, { count: String(count) }))
    expect(await ask()).toBe(String(count))
  }
  asking = false
  await Promise.all(others)
})

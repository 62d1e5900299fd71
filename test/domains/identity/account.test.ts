import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { toGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { newUser } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'
import { outcome } from './people.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

const update =
  'mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { account { version timeZone dayStartMinutes weekStart locale metadata user { username fullName today } } } }'

test('what is left out of an update stays, null removes the username, and an unchanged one keeps the version', async () => {
  const leila = await newUser(service.database, 'Leila', { timeZone: 'Africa/Cairo' })
  const send = async (input: object) =>
    (await service.execute(update, { input }, { as: leila })).data.updateAccount.account
  const first = await send({ username: 'leila', weekStart: 6, metadata: { theme: 'dark' } })
  expect(first).toMatchObject({ version: 2, timeZone: 'Africa/Cairo', weekStart: 6, metadata: { theme: 'dark' } })
  expect(first.user).toMatchObject({ username: 'leila', fullName: 'Leila' })
  expect((await send({ weekStart: 6 })).version).toBe(2)
  expect((await send({ username: null, locale: 'ar-EG' })).user.username).toBeNull()
})

test('DAY-3 changing the zone or the start of the day changes today, and nothing else', async () => {
  const budi = await newUser(service.database, 'Budi')
  const today = async (input: object) =>
    (await service.execute(update, { input }, { as: budi })).data.updateAccount.account.user.today
  // Noon and midnight are 25 hours apart from Pago Pago to Kiritimati: never the same day.
  const [west, east] = [await today({ timeZone: 'Pacific/Pago_Pago' }), await today({ timeZone: 'Pacific/Kiritimati' })]
  expect(west < east).toBe(true)
  const { rows } = await service.database.admin.query(
    "select civil_date(now(), 'Pacific/Kiritimati', 720)::text as later",
    [],
  )
  expect(await today({ dayStartMinutes: 720 })).toBe(rows[0].later)
})

test.each([
  [{ timeZone: 'Atlantis/Capital' }, 'BAD_USER_INPUT UNKNOWN_TIME_ZONE'],
  [{ dayStartMinutes: 721 }, 'BAD_USER_INPUT OUT_OF_RANGE'],
  [{ dayStartMinutes: -721 }, 'BAD_USER_INPUT OUT_OF_RANGE'],
  [{ weekStart: 0 }, 'BAD_USER_INPUT OUT_OF_RANGE'],
  [{ weekStart: 8 }, 'BAD_USER_INPUT OUT_OF_RANGE'],
  [{ fullName: null }, 'BAD_USER_INPUT CANNOT_BE_NULL'],
  [{ timeZone: null }, 'BAD_USER_INPUT CANNOT_BE_NULL'],
  [{ dayStartMinutes: null }, 'BAD_USER_INPUT CANNOT_BE_NULL'],
  [{ weekStart: null }, 'BAD_USER_INPUT CANNOT_BE_NULL'],
  [{ locale: null }, 'BAD_USER_INPUT CANNOT_BE_NULL'],
  [{ metadata: null }, 'BAD_USER_INPUT CANNOT_BE_NULL'],
  [{ username: 'ab' }, 'BAD_USER_INPUT INVALID_TEXT'],
  [{ fullName: '' }, 'BAD_USER_INPUT INVALID_TEXT'],
  [{ fullName: 'x'.repeat(201) }, 'BAD_USER_INPUT INVALID_TEXT'],
])('an update with %j is refused', async (input, expected) => {
  const person = await newUser(service.database, 'refused')
  const answer = await service.execute(update, { input }, { as: person })
  expect(outcome(answer)).toBe(expected)
  expect(answer.errors?.[0]?.extensions?.field).toBe(`input.${Object.keys(input)[0]}`)
})

test('DAY-3 what was recorded keeps its date when zone and start of the day change', async () => {
  const maryam = await newUser(service.database, 'Maryam', { timeZone: 'Pacific/Kiritimati' })
  const send = async (query: string, input: object) => (await service.execute(query, { input }, { as: maryam })).data
  const { createDeed } = await send(
    'mutation ($input: CreateDeedInput!) { createDeed(input: $input) { deed { items { id } } } }',
    { category: 'HASANAAT', name: 'Quran', measure: 'COUNT', unit: 'pages', items: [{ name: 'Reading' }] },
  )
  const itemId = createDeed.deed.items[0].id
  const { recordEntry } = await send(
    'mutation ($input: RecordEntryInput!) { recordEntry(input: $input) { entry { date } } }',
    { itemId, count: 3 },
  )
  const account = (await send(update, { timeZone: 'Pacific/Pago_Pago', dayStartMinutes: 720 })).updateAccount.account
  expect(account.user.today < recordEntry.entry.date).toBe(true)
  const kept = await service.execute('{ me { user { entries { nodes { date } } } } }', {}, { as: maryam })
  expect(kept.data.me.user.entries.nodes).toEqual([{ date: recordEntry.entry.date }])
})

const levels = (depth: number): object => (depth === 1 ? {} : { in: levels(depth - 1) })

/** Metadata of so many bytes as JSON; PostgreSQL prints one more for each of its two colons and each comma. */
function filled(bytes: number): object {
  const notes = Array.from({ length: 60 }, () => 'x'.repeat(1_000))
  const rest = bytes - JSON.stringify({ notes, rest: '' }).length
  return { notes, rest: 'x'.repeat(rest) }
}
const spaces = 2 + 60

test('metadata of 64 kB and 8 levels is kept as it is; larger and deeper is refused, also where only PostgreSQL sees it', async () => {
  const person = await newUser(service.database, 'metadata')
  const send = async (metadata: unknown) => service.execute(update, { input: { metadata } }, { as: person })
  for (const metadata of [filled(65_536 - spaces), levels(8), { ليلى: ['🐪', 0.1, true, null] }]) {
    const { data } = await send(metadata)
    expect(data.updateAccount.account.metadata).toEqual(metadata)
  }
  const numbers = { sum: Array.from({ length: 2_000 }, () => 1e300) }
  for (const metadata of [filled(65_536 - spaces + 1), filled(65_536), filled(65_537), levels(9), numbers, 'text', []])
    expect(outcome(await send(metadata))).toMatch(/^BAD_USER_INPUT/)
})

test.each(['x', 'not a locale', 'ar_EG!', `en-${'x'.repeat(40)}`, 'en-u-ca-islamic-nu-arab-co-emoji-kf'])(
  'the locale %j is taken or refused, and never breaks anything',
  async (locale) => {
    const person = await newUser(service.database, 'locale')
    expect(outcome(await service.execute(update, { input: { locale } }, { as: person }))).toMatch(
      /^(ok|BAD_USER_INPUT.*)$/,
    )
  },
)

test('a username of somebody else is refused', async () => {
  const [one, other] = [await newUser(service.database, 'one'), await newUser(service.database, 'other')]
  expect(outcome(await service.execute(update, { input: { username: 'taken' } }, { as: one }))).toBe('ok')
  expect(outcome(await service.execute(update, { input: { username: 'TAKEN' } }, { as: other }))).toBe(
    'CONFLICT DUPLICATE_USERNAME',
  )
})

test('an expected version that is not the current one is refused with the current one', async () => {
  const person = await newUser(service.database, 'stale')
  await service.execute(update, { input: { fullName: 'New', expectedVersion: 1 } }, { as: person })
  const { errors } = await service.execute(update, { input: { fullName: 'Newer', expectedVersion: 1 } }, { as: person })
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', reason: 'STALE_VERSION', currentVersion: 2 })
})

test('SHA-8 a stranger is not found, and neither is their account', async () => {
  const [leila, stranger] = [await newUser(service.database, 'Leila'), await newUser(service.database, 'stranger')]
  const ask = 'query ($id: ID!) { user(id: $id) { fullName } }'
  expect((await service.execute(ask, { id: leila.globalId }, { as: leila })).data.user.fullName).toBe('Leila')
  const refused = await service.execute(ask, { id: leila.globalId }, { as: stranger })
  expect(refused.data).toEqual({ user: null })
  expect(outcome(refused)).toBe('NOT_FOUND')
  const me = await service.execute('{ me { id user { id } } }', {}, { as: leila })
  const { data } = await service.execute(
    'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    { ids: [me.data.me.id, me.data.me.user.id] },
    { as: stranger },
  )
  expect(data.nodes).toEqual([null, null])
})

test('SHA-2 nobody else’s account or session is readable, not even that of whom one shares with', async () => {
  const [leila, budi] = [await newUser(service.database, 'Leila'), await newUser(service.database, 'Budi')]
  const { admin } = service.database
  const { rows } = await admin.query(
    "insert into relations (requester_id, requestee_id, sent_to) values ($1, $2, 'leila') returning relation_id",
    [budi.userId, leila.userId],
  )
  await admin.query("update relations set status = 'accepted' where relation_id = $1", [rows[0].relation_id])
  const ask = 'query ($user: ID!, $ids: [ID!]!) { user(id: $user) { fullName } nodes(ids: $ids) { __typename id } }'
  const ids = [
    toGlobalId('Account', { userId: leila.userId }),
    toGlobalId('Session', { userId: leila.userId, sessionId: leila.sessionId }),
    // Somebody else's session under one's own name.
    toGlobalId('Session', { userId: budi.userId, sessionId: leila.sessionId }),
  ]
  const asBudi = await service.execute(ask, { user: leila.globalId, ids }, { as: budi })
  expect(asBudi.data).toEqual({ user: { fullName: 'Leila' }, nodes: [null, null, null] })
  const asLeila = await service.execute(ask, { user: leila.globalId, ids }, { as: leila })
  expect(asLeila.data.nodes.map((node: { __typename: string } | null) => node?.__typename)).toEqual([
    'Account',
    'Session',
    undefined,
  ])
  for (const id of ids.slice(0, 2)) {
    const one = await service.execute('query ($id: ID!) { node(id: $id) { id } }', { id }, { as: budi })
    expect(outcome(one)).toBe('NOT_FOUND')
  }
})

test('without logging in there is no account and nobody to see', async () => {
  const leila = await newUser(service.database, 'Leila')
  for (const query of [
    '{ me { id } }',
    `{ user(id: "${leila.globalId}") { fullName } }`,
    `{ node(id: "${leila.globalId}") { id } }`,
  ])
    expect(outcome(await service.execute(query))).toMatch(/^UNAUTHENTICATED/)
})

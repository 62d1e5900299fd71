import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { fromGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { type DeedsWorld, deedsWorld, itemIdOf, refusalOf } from '../../support/deeds.ts'
import { newUser, type TestPerson } from '../../support/people.ts'

const CREATE_DEED = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) {
    createDeed(input: $input) { deed { id itemTree { id name } scale { values { id name } } owner { today } } }
  }`
const VALUE = 'count scaleValue { id name } notes'
const RECORD = /* GraphQL */ `
  mutation Record($input: RecordEntryInput!) {
    recordEntry(input: $input) {
      status
      entry {
        id date ${VALUE} version origin createdAt updatedAt
        owner { id fullName } item { id name deed { name } } recordedBy { id }
        history(first: 10) { totalCount nodes { id action origin changedAt changedBy { id } oldValue { ${VALUE} } newValue { ${VALUE} } } }
      }
      previous { ${VALUE} }
      goals { id }
    }
  }`
const CLEAR = /* GraphQL */ `
  mutation Clear($input: ClearEntryInput!) {
    clearEntry(input: $input) { item { id name } date previous { ${VALUE} } goals { id } }
  }`
const NODE = /* GraphQL */ `
  query Node($id: ID!) {
    node(id: $id) { id ... on Entry { date count notes } ... on EntryChange { action newValue { count notes } } }
  }`
const ENTRIES = /* GraphQL */ `
  query Entries($user: ID!, $filter: EntryFilter, $orderBy: EntryOrder, $first: Int, $after: String) {
    user(id: $user) {
      entries(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        totalCount
        edges { cursor node { id } }
        nodes { date count notes item { id name } owner { id } recordedBy { id } history { totalCount nodes { action newValue { notes } } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }`

let world: DeedsWorld
beforeAll(async () => {
  world = await deedsWorld()
})
afterAll(() => world.stop())

let leila: TestPerson
let budi: TestPerson
let today: string
let items: Record<string, string>
let values: Record<string, string>
let deeds: Record<string, string>
beforeEach(async () => {
  leila = await newUser(world.service.database, 'leila', { timeZone: 'Africa/Cairo' })
  budi = await newUser(world.service.database, 'budi', { timeZone: 'Asia/Jakarta' })
  const reading = await newDeed({
    name: 'Reading',
    measure: 'COUNT',
    items: [{ name: 'Quran', children: [{ name: 'Juz', children: [{ name: 'Page' }] }] }, { name: 'Hadith' }],
  })
  const prayer = await newDeed({
    name: 'Prayer',
    measure: 'SCALE',
    scale: [{ name: 'late' }, { name: 'on time' }],
    items: [{ name: 'Fajr' }],
  })
  today = reading.owner.today
  items = { ...byName(reading.itemTree), ...byName(prayer.itemTree) }
  values = byName(prayer.scale.values)
  deeds = { reading: reading.id, prayer: prayer.id }
})

const byName = (rows: { id: string; name: string }[]) => Object.fromEntries(rows.map(({ id, name }) => [name, id]))
async function newDeed(input: object) {
  const { data } = await world.ask(leila, CREATE_DEED, { input: { category: 'HASANAAT', ...input } })
  return data.createDeed.deed
}
const record = (as: TestPerson, input: object) => world.ask(as, RECORD, { input })
const globalId = (text: string) => Buffer.from(text).toString('base64url')

test('every field of an entry, its history and its payloads answers', async () => {
  await record(leila, { itemId: items.Fajr, scaleValueId: values.late, notes: 'overslept' })
  const { data, errors } = await record(leila, { itemId: items.Fajr, scaleValueId: values['on time'], notes: null })
  expect(errors).toBeUndefined()
  const late = { count: null, scaleValue: { id: values.late, name: 'late' }, notes: 'overslept' }
  const onTime = { count: null, scaleValue: { id: values['on time'], name: 'on time' }, notes: null }
  const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
  const change = { id: expect.any(String), origin: 'MANUAL', changedAt: instant, changedBy: { id: leila.globalId } }
  expect(data.recordEntry).toEqual({
    status: 'UPDATED',
    entry: {
      id: globalId(`Entry:${leila.userId}:${itemIdOf(items.Fajr ?? '')}:${today}`),
      date: today,
      ...onTime,
      version: 2,
      origin: 'MANUAL',
      createdAt: instant,
      updatedAt: instant,
      owner: { id: leila.globalId, fullName: 'leila' },
      item: { id: items.Fajr, name: 'Fajr', deed: { name: 'Prayer' } },
      recordedBy: { id: leila.globalId },
      history: {
        totalCount: 2,
        nodes: [
          { ...change, action: 'UPDATED', oldValue: late, newValue: onTime },
          { ...change, action: 'CREATED', oldValue: null, newValue: late },
        ],
      },
    },
    previous: late,
    goals: [],
  })
  const cleared = await world.ask(leila, CLEAR, { input: { entryId: data.recordEntry.entry.id, expectedVersion: 2 } })
  expect(cleared.data.clearEntry).toEqual({
    item: { id: items.Fajr, name: 'Fajr' },
    date: today,
    previous: onTime,
    goals: [],
  })
})

test('ENT-4 an answer that was kept reads the same when it is sent again', async () => {
  const input = { itemId: items.Page, incrementBy: '2.50', notes: 'x', idempotencyKey: 'k' }
  const first = await record(leila, input)
  expect(first.data.recordEntry).toMatchObject({ status: 'CREATED', entry: { count: '2.5' } })
  expect((await record(leila, { ...input, incrementBy: 2.5 })).data).toEqual(first.data)
})

describe('input', () => {
  test('ENT-4 incrementBy without a key is IDEMPOTENCY_KEY_REQUIRED', async () => {
    const refused = refusalOf(await record(leila, { itemId: items.Page, incrementBy: '1' }))
    expect(refused).toEqual({
      code: 'BAD_USER_INPUT',
      reason: 'IDEMPOTENCY_KEY_REQUIRED',
      field: 'input.idempotencyKey',
    })
  })

  test.each([
    ['notes', ''],
    ['notes', ' \n '],
    ['notes', 'x'.repeat(4001)],
    ['notes', 'a\u0007b'],
    ['idempotencyKey', ''],
    ['idempotencyKey', 'k'.repeat(101)],
  ])('a text that can not be stored is INVALID_TEXT: %s %j', async (field, text) => {
    const refused = refusalOf(await record(leila, { itemId: items.Page, count: '1', [field]: text }))
    expect(refused).toEqual({ code: 'BAD_USER_INPUT', reason: 'INVALID_TEXT', field: `input.${field}` })
  })

  test('4,000 characters of notes are kept, composed and of any script', async () => {
    const notes = `${'🕌'.repeat(3998)}e\u0301ن`
    const { data } = await record(leila, { itemId: items.Page, count: '1', notes })
    expect(data.recordEntry.entry.notes).toBe(notes.normalize('NFC'))
  })

  test.each([
    '',
    'x',
    'DeedItem:1',
    'DeedItem:1:0',
    'DeedItem:1:99999999999999999999',
    "DeedItem:1:1'",
    'DeedItem:1:-1',
  ])('an item id that is none is INVALID_ID: %j', async (text) => {
    const refused = refusalOf(await record(leila, { itemId: globalId(text), count: '1' }))
    expect(refused).toEqual({ code: 'BAD_USER_INPUT', reason: 'INVALID_ID', field: 'input.itemId' })
  })

  test.each(['2026-02-30', '2026-13-01', '0000-01-01', '2026-1-1', 'infinity', '294277-01-01'])(
    'an entry id with the date %s is INVALID_ID',
    async (date) => {
      const { userId } = leila
      const entryId = globalId(`Entry:${userId}:${itemIdOf(items.Page ?? '')}:${date}`)
      expect(refusalOf(await world.ask(leila, CLEAR, { input: { entryId } }))).toMatchObject({ reason: 'INVALID_ID' })
      expect(refusalOf(await world.ask(leila, NODE, { id: entryId }))).toMatchObject({ reason: 'INVALID_ID' })
    },
  )

  test('SHA-8 the scale value of somebody else reads as one of nobody', async () => {
    const value = (owner: string, id: string) =>
      record(leila, { itemId: items.Fajr, scaleValueId: globalId(`ScaleValue:${owner}:${id}`) })
    const { scaleValueId } = fromGlobalId('ScaleValue', values.late ?? '')
    const refused = { code: 'NOT_FOUND', field: 'input.scaleValueId' }
    expect(refusalOf(await value(budi.userId, scaleValueId))).toEqual(refused)
    expect(refusalOf(await value(leila.userId, '9223372036854775807'))).toEqual(refused)
  })
})

describe('lists', () => {
  const entries = async (as: TestPerson, variables: object = {}) =>
    world.ask(as, ENTRIES, { user: leila.globalId, ...variables })

  test('entries of a person come in pages with cursors', async () => {
    for (const [day, name] of [
      [0, 'Page'],
      [-1, 'Page'],
      [-1, 'Hadith'],
      [-9, 'Juz'],
    ] as const) {
      await record(leila, { itemId: items[name], date: addDays(today, day), count: '1' })
    }
    const first = (await entries(leila, { first: 3 })).data.user.entries
    expect(first.nodes.map((node: { item: { name: string } }) => node.item.name)).toEqual(['Page', 'Page', 'Hadith'])
    expect(first.totalCount).toBe(4)
    expect(first.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: first.edges[0].cursor,
      endCursor: first.edges[2].cursor,
    })
    const rest = (await entries(leila, { first: 3, after: first.pageInfo.endCursor })).data.user.entries
    expect(rest.nodes).toHaveLength(1)
    expect(rest.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  })

  test('filters take ids, and those of others find nothing', async () => {
    await record(leila, { itemId: items.Page, count: '4' })
    await record(leila, { itemId: items.Fajr, scaleValueId: values.late, notes: 'n' })
    const count = async (filter: object) => (await entries(leila, { filter })).data.user.entries.totalCount
    expect(await count({ itemIds: [items.Quran] })).toBe(1)
    expect(await count({ itemIds: [items.Quran], includeDescendants: false })).toBe(0)
    expect(await count({ deedIds: [deeds.prayer] })).toBe(1)
    expect(await count({ scaleValueIds: [values.late] })).toBe(1)
    expect(await count({ category: 'SAIYYIAAT' })).toBe(0)
    expect(await count({ hasNotes: true, recordedByOwner: true, minCount: null })).toBe(1)
    expect(await count({ minCount: 4, maxCount: '4.000' })).toBe(1)
    const { deedId } = fromGlobalId('Deed', deeds.reading ?? '')
    expect(await count({ deedIds: [globalId(`Deed:${budi.userId}:${deedId}`)] })).toBe(0)
    expect(await count({ itemIds: [] })).toBe(0)
  })

  test('DAY-6 a range of more than 3,660 days is RANGE_TOO_WIDE, with the widest that fits', async () => {
    const filter = (days: number) => ({
      filter: { range: { from: '2016-01-01', to: addDays('2016-01-01', days - 1) } },
    })
    expect((await entries(leila, filter(3660))).errors).toBeUndefined()
    const refused = await entries(leila, filter(3661))
    expect(refusalOf(refused)).toEqual({ code: 'BAD_USER_INPUT', reason: 'RANGE_TOO_WIDE', field: 'filter.range' })
    expect(refused.errors?.[0]?.message).toContain(addDays('2016-01-01', 3659))
    const item = await world.ask(
      leila,
      'query Item($id: ID!) { node(id: $id) { ... on DeedItem { entries(range: { from: "2000-01-01", to: "2026-01-01" }) { nodes { id } } } } }',
      { id: items.Page },
    )
    expect(refusalOf(item)).toMatchObject({ reason: 'RANGE_TOO_WIDE' })
  })

  test('more ids than a filter takes are TOO_MANY', async () => {
    const many = { itemIds: Array(101).fill(items.Page) }
    expect(refusalOf(await entries(leila, { filter: many }))).toEqual({
      code: 'BAD_USER_INPUT',
      reason: 'TOO_MANY',
      field: 'filter.itemIds',
    })
    expect((await entries(leila, { filter: { itemIds: Array(100).fill(items.Page) } })).errors).toBeUndefined()
  })

  test('a tree with the entries of each item is read by one statement per kind of entry', async () => {
    await record(leila, { itemId: items.Page, count: '4' })
    await record(leila, { itemId: items.Juz, date: addDays(today, -3), count: '5' })
    const tree = `query Tree($day: Date!) { me { user { deeds { itemTree { name entry { count } past: entry(date: $day) { count } latestEntry { count date } } } } } }`
    const { data, errors, flights } = await world.ask(leila, tree, { day: addDays(today, -3) })
    expect(errors).toBeUndefined()
    const rows = data.me.user.deeds.flatMap((deed: { itemTree: object[] }) => deed.itemTree)
    expect(rows).toHaveLength(5)
    expect(rows).toContainEqual({
      name: 'Page',
      entry: { count: '4' },
      past: null,
      latestEntry: { count: '4', date: today },
    })
    expect(rows).toContainEqual({
      name: 'Juz',
      entry: null,
      past: { count: '5' },
      latestEntry: { count: '5', date: addDays(today, -3) },
    })
    const statements = flights.flatMap(({ sql }) => sql).filter((text) => /from entries|"entries"/.test(text))
    expect(statements).toHaveLength(2)
  })
})

describe('somebody else', () => {
  const relation = () => world.befriend(leila, budi)
  const share = (name: string, terms: object = {}) => world.grant(leila, budi, itemIdOf(items[name] ?? ''), terms)

  test('ENT-7 a delegate records, overwrites and clears for the owner through the API', async () => {
    await relation()
    await share('Quran', { write: true })
    const recorded = await record(budi, { itemId: items.Page, count: '3' })
    expect(recorded.data.recordEntry).toMatchObject({
      status: 'CREATED',
      entry: {
        date: today,
        owner: { id: leila.globalId },
        recordedBy: { id: budi.globalId },
        history: { totalCount: 1 },
      },
      goals: [],
    })
    const { id } = recorded.data.recordEntry.entry
    const seen = await world.ask(leila, ENTRIES, { user: leila.globalId })
    expect(seen.data.user.entries.nodes).toMatchObject([{ count: '3', recordedBy: null }])
    await record(leila, { itemId: items.Page, count: '4' })
    const { errors } = await record(budi, { itemId: items.Page, count: '5' })
    expect(errors?.[0]?.extensions).toMatchObject({ reason: 'OWNER_VALUE_PROTECTED', currentVersion: 2 })
    const cleared = await world.ask(budi, CLEAR, { input: { entryId: id, expectedVersion: 2 } })
    expect(cleared.data.clearEntry).toMatchObject({ item: { id: items.Page }, previous: { count: '4' } })
    expect(refusalOf(await world.ask(leila, NODE, { id }))).toEqual({ code: 'NOT_FOUND' })
  })

  test('SHA-8 what is not shared answers as if it were not there: lists, nodes, history, notes', async () => {
    await relation()
    await share('Juz')
    const ids: string[] = []
    for (const name of ['Quran', 'Page', 'Hadith']) {
      const { data } = await record(leila, { itemId: items[name], count: '1', notes: 'secret' })
      ids.push(data.recordEntry.entry.id, data.recordEntry.entry.history.nodes[0].id)
    }
    const list = await world.ask(budi, ENTRIES, { user: leila.globalId, filter: { hasNotes: false } })
    expect(list.errors).toBeUndefined()
    expect(list.data.user.entries).toMatchObject({
      totalCount: 1,
      nodes: [{ notes: null, item: { name: 'Page' }, recordedBy: { id: leila.globalId } }],
    })
    const found = await Promise.all(ids.map(async (id) => (await world.ask(budi, NODE, { id })).data?.node ?? null))
    expect(found.map((node) => node !== null)).toEqual([false, false, true, true, false, false])
    expect(JSON.stringify([list, found])).not.toContain('secret')
    const stranger = await newUser(world.service.database, 'stranger')
    for (const id of ids) expect(refusalOf(await world.ask(stranger, NODE, { id }))).toEqual({ code: 'NOT_FOUND' })
  })

  test('SHA-9 a grant that is taken back is gone from the next request', async () => {
    await relation()
    const permission = await share('Quran', { write: true, notes: true })
    const { data } = await record(budi, { itemId: items.Page, count: '3', notes: 'n' })
    await world.sql('update permissions set is_active = false, revoked_at = now() where permission_id = $1', [
      permission,
    ])
    const { entry } = data.recordEntry
    for (const id of [entry.id, entry.history.nodes[0].id]) {
      expect(refusalOf(await world.ask(budi, NODE, { id }))).toEqual({ code: 'NOT_FOUND' })
    }
    expect(refusalOf(await record(budi, { itemId: items.Page, count: '4' }))).toEqual({ code: 'NOT_FOUND' })
    expect(refusalOf(await world.ask(budi, CLEAR, { input: { entryId: entry.id } }))).toEqual({ code: 'NOT_FOUND' })
  })

  test('without the scope, or without a session, nothing is read or recorded', async () => {
    const reader = { ...leila, scopes: ['ACCOUNT_READ', 'ENTRIES_READ'] }
    expect(refusalOf(await record(reader as TestPerson, { itemId: items.Page, count: '1' }))).toMatchObject({
      code: 'FORBIDDEN',
      reason: 'MISSING_SCOPE',
    })
    const anonymous = await world.service.execute(RECORD, { input: { itemId: items.Page, count: '1' } })
    expect(refusalOf(anonymous)).toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})

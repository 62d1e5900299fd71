import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { defaultLimits } from '../../../src/platform/graphql/limits.ts'
import { type DeedsWorld, deedsWorld, itemIdOf, refusalOf } from '../../support/deeds.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { startService } from '../../support/service.ts'

const CREATE_DEED = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) {
    createDeed(input: $input) { deed { id itemTree { id name } scale { values { id name } } owner { today } } }
  }`
const CREATE_MERIT = /* GraphQL */ `
  mutation CreateMerit($input: CreateMeritInput!) { createMerit(input: $input) { merit { id completedOn } } }`
const BULK = /* GraphQL */ `
  mutation Bulk($input: RecordEntriesInput!) {
    recordEntries(input: $input) {
      rows {
        status
        entry { id date count notes scaleValue { name } version origin }
        previous { count scaleValue { name } notes }
        error { code reason message field currentVersion suggestedScaleValueId }
      }
      goals { id completedOn }
    }
  }`
const SHORT = /* GraphQL */ `
  mutation Short($input: RecordEntriesInput!) { recordEntries(input: $input) { rows { status } } }`
const RECORD = /* GraphQL */ `
  mutation Record($input: RecordEntryInput!) { recordEntry(input: $input) { status entry { id } } }`

let world: DeedsWorld
beforeAll(async () => {
  world = await deedsWorld()
})
afterAll(() => world.stop())

let leila: TestPerson
let budi: TestPerson
let today: string
let reading: string
let items: Record<string, string>
let values: Record<string, string>
beforeEach(async () => {
  leila = await newUser(world.service.database, 'leila')
  budi = await newUser(world.service.database, 'budi')
  const counted = await newDeed({ name: 'Reading', measure: 'COUNT', items: [{ name: 'Page' }, { name: 'Line' }] })
  const scale = [{ name: 'late' }, { name: 'on time' }]
  const scaled = await newDeed({ name: 'Prayer', measure: 'SCALE', scale, items: [{ name: 'Fajr' }] })
  today = counted.owner.today
  reading = counted.id
  items = { ...byName(counted.itemTree), ...byName(scaled.itemTree) }
  values = byName(scaled.scale.values)
})

const byName = (rows: { id: string; name: string }[]) => Object.fromEntries(rows.map(({ id, name }) => [name, id]))
async function newDeed(input: object) {
  const { data } = await world.ask(leila, CREATE_DEED, { input: { category: 'HASANAAT', ...input } })
  return data.createDeed.deed
}
const bulk = (as: TestPerson, rows: object[], more: object = {}) => world.ask(as, BULK, { input: { rows, ...more } })
const id = (text: string) => Buffer.from(text).toString('base64url')
const daysBack = (count: number) => Array.from({ length: count }, (_, index) => addDays(today, -index))

test('ENT-5 every field of the answer answers', async () => {
  const { data, errors } = await bulk(leila, [
    { itemId: items.Page, count: '2.5', notes: 'at night' },
    { itemId: items.Fajr, scaleValueId: values.late },
    { itemId: items.Fajr, scaleValueId: values['on time'] },
    { itemId: items.Line, count: '1', expectedVersion: 4 },
  ])
  expect(errors).toBeUndefined()
  const [first, superseded, last, stale] = data.recordEntries.rows
  expect(first).toEqual({
    status: 'CREATED',
    entry: {
      id: id(`Entry:${leila.userId}:${itemIdOf(items.Page ?? '')}:${today}`),
      date: today,
      count: '2.5',
      notes: 'at night',
      scaleValue: null,
      version: 1,
      origin: 'BULK',
    },
    previous: null,
    error: null,
  })
  expect(superseded).toEqual({ ...last, status: 'SUPERSEDED' })
  expect(last).toMatchObject({ status: 'CREATED', entry: { scaleValue: { name: 'on time' } } })
  expect(stale).toEqual({
    status: 'ERROR',
    entry: null,
    previous: null,
    error: {
      code: 'CONFLICT',
      reason: 'STALE_VERSION',
      message: expect.any(String),
      field: 'input.rows[3].expectedVersion',
      currentVersion: 0,
      suggestedScaleValueId: null,
    },
  })
})

describe('ENT-5 what is refused', () => {
  /** Rows that break a rule each, by what they break. */
  const badRows = (): Record<string, object> => ({
    'no id': { itemId: 'x', count: '1' },
    'the id of something else': { itemId: values.late, count: '1' },
    'nobody has it': { itemId: id(`DeedItem:${leila.userId}:9223372036854775807`), count: '1' },
    "a stranger's": { itemId: id(`DeedItem:${budi.userId}:${itemIdOf(items.Page ?? '')}`), count: '1' },
    'a later day': { itemId: items.Page, date: addDays(today, 2), count: '1' },
    negative: { itemId: items.Page, count: '-1' },
    'too large': { itemId: items.Page, count: '1000000000' },
    'the other measure': { itemId: items.Fajr, count: '1' },
    'two values': { itemId: items.Fajr, count: '1', scaleValueId: values.late },
    'no value': { itemId: items.Page, notes: 'alone' },
    'a value of nobody': { itemId: items.Fajr, scaleValueId: id(`ScaleValue:${leila.userId}:1${'0'.repeat(15)}`) },
    'an id for a value': { itemId: items.Fajr, scaleValueId: items.Fajr },
    'empty notes': { itemId: items.Page, count: '1', notes: ' ' },
    'long notes': { itemId: items.Page, count: '1', notes: 'x'.repeat(4001) },
    'an old version': { itemId: items.Page, count: '1', expectedVersion: 3 },
  })

  test('ENT-5 a row is refused with the code, reason, field and message that it is by itself', async () => {
    const rows = Object.entries(badRows())
    const { data, errors } = await bulk(
      leila,
      rows.map(([, row]) => row),
    )
    expect(errors).toBeUndefined()
    for (const [index, [name, row]] of rows.entries()) {
      const single = await world.ask(leila, RECORD, { input: row })
      expect([name, single.errors?.length]).toEqual([name, 1])
      const { code, reason = null, field = null, currentVersion = null } = single.errors?.[0]?.extensions ?? {}
      const { error } = data.recordEntries.rows[index]
      const inRow = (text: unknown) => (text as string | null)?.replace('input.', `input.rows[${index}].`) ?? null
      expect([name, error]).toEqual([
        name,
        {
          code,
          reason,
          field: inRow(field),
          currentVersion,
          suggestedScaleValueId: null,
          message: inRow(single.errors?.[0]?.message),
        },
      ])
    }
  })

  test('ENT-5 what concerns all rows is thrown: none, too many, a key that is none', async () => {
    const row = { itemId: items.Page, count: '1' }
    const code = 'BAD_USER_INPUT'
    expect(refusalOf(await bulk(leila, []))).toEqual({ code, reason: 'EMPTY_LIST', field: 'input.rows' })
    const many = daysBack(501).map((date) => ({ ...row, date }))
    expect(refusalOf(await bulk(leila, many))).toEqual({ code, reason: 'TOO_MANY', field: 'input.rows' })
    const field = 'input.idempotencyKey'
    expect(refusalOf(await bulk(leila, [row], { idempotencyKey: '' }))).toEqual({ code, reason: 'INVALID_TEXT', field })
    const increment = { itemId: items.Page, incrementBy: '1' }
    const keyless = { code, reason: 'IDEMPOTENCY_KEY_REQUIRED', field }
    expect(refusalOf(await bulk(leila, [row, increment]))).toEqual(keyless)
    expect((await bulk(leila, [row])).data.recordEntries.rows).toMatchObject([{ status: 'CREATED' }])
  })
})

test('ENT-5 500 rows go in with every field selected, within the limits of one request', async () => {
  const rows = daysBack(500).map((date, index) => ({ itemId: items.Page, date, count: index % 7 }))
  const { data, errors, flights } = await bulk(leila, rows, { idempotencyKey: 'k' })
  expect(errors).toBeUndefined()
  const answered = data.recordEntries.rows
  expect(answered.map((row: { entry: { date: string } }) => row.entry.date)).toEqual(rows.map(({ date }) => date))
  expect(new Set(answered.map((row: { status: string }) => row.status))).toEqual(new Set(['CREATED']))
  const statements = flights.flatMap(({ sql }) => sql).filter((text) => /insert into entries|from entries$/m.test(text))
  expect(statements).toHaveLength(2)
  const replayed = await bulk(leila, rows, { idempotencyKey: 'k' })
  expect(replayed.data).toEqual(data)
})

test('ENT-5 a row costs 1, and as much again for each object that it is answered with', async () => {
  // Ten for the mutation, one for the payload.
  const cost = (rows: number, perRow: number) => 10 + 1 + rows * perRow
  const rows = daysBack(3).map((date) => ({ itemId: items.Page, date, count: '1' }))
  const asked = async (query: string, limit: number) => {
    const strict = await startService({ database: world.service.database, limits: { ...defaultLimits, cost: limit } })
    const { errors } = await strict.execute(query, { input: { rows } }, { as: leila })
    await strict.stop()
    return errors?.[0]?.extensions.code ?? 'taken'
  }
  expect(await asked(SHORT, cost(3, 2))).toBe('taken')
  expect(await asked(SHORT, cost(3, 2) - 1)).toBe('QUERY_TOO_COSTLY')
})

describe('GOAL-5 goals and bulks', () => {
  const newMerit = async (target: number) => {
    const input = {
      deedId: reading,
      title: `Reading ${target}`,
      startDate: addDays(today, -9),
      durationDays: 10,
      items: [{ itemId: items.Page, metric: 'COUNT_SUM', target }],
    }
    const { data, errors } = await world.ask(leila, CREATE_MERIT, { input })
    expect(errors).toBeUndefined()
    return data.createMerit.merit.id
  }

  test('GOAL-5 all rows are in when the goals are judged, once for the whole bulk', async () => {
    const reached = await newMerit(10)
    const open = await newMerit(11)
    const rows = daysBack(10).map((date) => ({ itemId: items.Page, date, count: '1' }))
    const { data, errors, flights } = await bulk(leila, rows)
    expect(errors).toBeUndefined()
    // Once to judge them, once to answer.
    const looks = flights.flatMap(({ sql }) => sql).filter((text) => /with recursive\s+changed as/.test(text))
    expect(looks).toHaveLength(2)
    const goals = [
      { id: reached, completedOn: today },
      { id: open, completedOn: null },
    ]
    expect(data.recordEntries.goals).toHaveLength(2)
    expect(data.recordEntries.goals).toEqual(expect.arrayContaining(goals))
    const { data: taken } = await bulk(leila, [{ itemId: items.Page, date: addDays(today, -3), count: '0' }])
    expect(taken.recordEntries.goals).toContainEqual({ id: reached, completedOn: null })
  })

  test('GOAL-5 two bulks at once that complete a goal together do not both miss it', async () => {
    const goal = await newMerit(10)
    const halves = [daysBack(10).slice(0, 5), daysBack(10).slice(5)]
    await Promise.all(
      halves.map((half) =>
        bulk(
          leila,
          half.map((date) => ({ itemId: items.Page, date, count: '1' })),
        ),
      ),
    )
    const { data } = await world.ask(leila, 'query Goal($id: ID!) { node(id: $id) { ... on Merit { completedOn } } }', {
      id: goal,
    })
    expect(data.node.completedOn).toBe(today)
  })
})

test('ENT-6 a value of the history is brought back through the API', async () => {
  const HISTORY = 'entry { id version origin count history(first: 10) { nodes { id origin } } }'
  const recorded = `mutation ($input: RecordEntryInput!) { recordEntry(input: $input) { ${HISTORY} } }`
  const revert = `mutation ($input: RevertEntryInput!) {
    revertEntry(input: $input) { item { name } date previous { count } goals { id } ${HISTORY} } }`
  await world.ask(leila, recorded, { input: { itemId: items.Page, count: '1' } })
  const { data } = await world.ask(leila, recorded, { input: { itemId: items.Page, count: '2' } })
  const { id: entryId, history } = data.recordEntry.entry
  const changeId = history.nodes[1].id
  const { data: back, errors } = await world.ask(leila, revert, { input: { entryId, changeId, expectedVersion: 2 } })
  expect(errors).toBeUndefined()
  expect(back.revertEntry).toMatchObject({
    item: { name: 'Page' },
    date: today,
    entry: {
      id: entryId,
      version: 3,
      origin: 'REVERT',
      count: '1',
      history: { nodes: [{ origin: 'REVERT' }, {}, {}] },
    },
    previous: { count: '2' },
    goals: [],
  })
  const invalid = await world.ask(leila, revert, { input: { entryId, changeId: entryId } })
  expect(refusalOf(invalid)).toEqual({ code: 'BAD_USER_INPUT', reason: 'INVALID_ID', field: 'input.changeId' })
})

test('ENT-7 a delegate records in bulk for the owner, and sees no goals', async () => {
  await world.befriend(leila, budi)
  await world.grant(leila, budi, itemIdOf(items.Page ?? ''), { write: true })
  const { data, errors } = await bulk(budi, [
    { itemId: items.Page, count: '1' },
    { itemId: items.Line, count: '1' },
    { itemId: items.Page, date: addDays(today, -1), count: '1', notes: 'x' },
  ])
  expect(errors).toBeUndefined()
  expect(data.recordEntries).toMatchObject({
    rows: [
      { status: 'CREATED' },
      { error: { code: 'NOT_FOUND', reason: null } },
      { error: { code: 'FORBIDDEN', reason: 'NOTES_NOT_SHARED', field: 'input.rows[2].notes' } },
    ],
    goals: [],
  })
})

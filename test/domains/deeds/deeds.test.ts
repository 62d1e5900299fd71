import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import Big from 'big.js'
import fc from 'fast-check'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedIdOf, deedsWorld, itemIdOf, refusalOf } from '../../support/deeds.ts'

let world: DeedsWorld
let leila: Viewer
let count = 0
beforeAll(async () => {
  world = await deedsWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newPerson(`leila-${count}`)
})

const deedFields = /* GraphQL */ `
  fragment Deed on Deed {
    id name category description measure unit displayOrder isHidden version itemCount
    items { id parentId name level displayOrder hasChildren path { name } children { id name level children { id name level } } }
    scale { versionNumber effectiveFrom effectiveTo isLocked values { name order score normalizedScore color lineageKey } }
    scales { versionNumber }
  }`

const CREATE = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) { createDeed(input: $input) { deed { ...Deed } } } ${deedFields}`
const UPDATE = /* GraphQL */ `
  mutation UpdateDeed($input: UpdateDeedInput!) { updateDeed(input: $input) { deed { ...Deed } } } ${deedFields}`

const create = (input: object, as = leila) =>
  world.ask(as, CREATE, { input: { category: 'HASANAAT', measure: 'COUNT', ...input } })
const update = (input: object, as = leila) => world.ask(as, UPDATE, { input })

async function created(input: object, as = leila) {
  const answer = await create(input, as)
  expect(answer.errors).toBeUndefined()
  return answer.data.createDeed.deed
}

async function updated(input: object) {
  const answer = await update(input)
  expect(answer.errors).toBeUndefined()
  return answer.data.updateDeed.deed
}

const scale = [{ name: 'missed' }, { name: 'late' }, { name: 'on time', color: '#00aa00' }]

test('a deed is made with its items in their order', async () => {
  const deed = await created({
    name: ' Prayer ',
    description: '',
    unit: 'rakahs',
    items: [
      { name: 'Fajr', children: [{ name: 'Sunnah', children: [{ name: 'Two' }] }, { name: 'Fard' }] },
      { name: 'Isha' },
    ],
  })
  expect(deed).toMatchObject({
    name: 'Prayer',
    category: 'HASANAAT',
    description: null,
    measure: 'COUNT',
    unit: 'rakahs',
    displayOrder: 0,
    isHidden: false,
    version: 1,
    itemCount: 5,
    scale: null,
    scales: [],
  })
  const [fajr, isha] = deed.items
  expect(fajr).toMatchObject({ name: 'Fajr', level: 1, displayOrder: 0, parentId: null, hasChildren: true })
  expect(fajr.children).toMatchObject([
    { name: 'Sunnah', level: 2, children: [{ name: 'Two', level: 3 }] },
    { name: 'Fard', level: 2 },
  ])
  expect(isha).toMatchObject({ name: 'Isha', displayOrder: 1, hasChildren: false, path: [{ name: 'Isha' }] })
})

test('a tree is stored with a statement for each level, not for each item', async () => {
  const tree = (children: number) => [
    {
      name: 'a',
      children: Array.from({ length: children }, (_, index) => ({ name: `item ${index}`, children: [{ name: 'x' }] })),
    },
  ]
  const sent = async (name: string, children: number) =>
    (await create({ name, items: tree(children) })).flights.flatMap((flight) => flight.sql).length
  const few = await sent('few', 1)
  expect(await sent('many', 200)).toBe(few)
})

test('SCA-4 createDeed with measure SCALE carries version 1', async () => {
  const deed = await created({ name: 'Prayer', measure: 'SCALE', scale })
  expect(deed.scales).toEqual([{ versionNumber: 1 }])
  expect(deed.scale).toMatchObject({
    versionNumber: 1,
    isLocked: false,
    values: [
      { name: 'missed', order: 1, score: null, normalizedScore: '0' },
      { name: 'late', order: 2, normalizedScore: '0.5' },
      { name: 'on time', order: 3, normalizedScore: '1', color: '#00aa00' },
    ],
  })
  expect(new Set(deed.scale.values.map((value: { lineageKey: string }) => value.lineageKey)).size).toBe(3)
  expect(refusalOf(await create({ name: 'None', measure: 'SCALE' }))).toEqual({
    code: 'BAD_USER_INPUT',
    field: 'input.scale',
  })
})

test('SCA-1 version 1 has no lower bound, and one version is in effect on every day', async () => {
  const deed = await created({ name: 'Prayer', measure: 'SCALE', scale })
  expect(deed.scale).toMatchObject({ effectiveFrom: null, effectiveTo: null })
  // A second version, as publishing will make it.
  const key = [leila.userId, deedIdOf(deed.id)]
  await world.sql('begin')
  await world.sql(
    `update scales set effective = daterange(null, '2026-02-01') where user_id = $1 and deed_id = $2`,
    key,
  )
  await world.sql(
    `insert into scales (user_id, deed_id, version_number, effective) values ($1, $2, 2, '[2026-02-01,)')`,
    key,
  )
  await world.sql('commit')
  const loaders = world.loadersOf(leila)
  const on = (day: string | null) =>
    loaders.scaleOnDay.load({ ownerId: leila.userId, deedId: deedIdOf(deed.id), on: day })
  const days = ['1900-01-01', '2026-01-31', '2026-02-01', '2100-01-01', null]
  const versions = await Promise.all(days.map(on))
  expect(versions.map((version) => version?.versionNumber)).toEqual([1, 1, 2, 2, expect.any(Number)])
  expect(versions[1]).toMatchObject({ effectiveFrom: null, effectiveTo: '2026-01-31' })
  expect(versions[2]).toMatchObject({ effectiveFrom: '2026-02-01', effectiveTo: null })
  // Five days of one deed are one statement.
  expect(loaders.flights.map((flight) => flight.statements)).toEqual([1])
})

test.each([
  [[null], ['1']],
  [
    [null, null],
    ['0', '1'],
  ],
  [
    [null, null, null],
    ['0', '0.5', '1'],
  ],
  [
    [null, null, null, null],
    ['0', '0.333333', '0.666667', '1'],
  ],
  [
    ['0.25', '0', '1'],
    ['0.25', '0', '1'],
  ],
  [['0.125'], ['0.125']],
])('SCA-3 values scored %j are normalized to %j', async (scores, normalized) => {
  const deed = await created({
    name: 'Scored',
    measure: 'SCALE',
    scale: scores.map((score, place) => ({ name: `v${place}`, score })),
  })
  expect(deed.scale.values.map((value: { normalizedScore: string }) => value.normalizedScore)).toEqual(normalized)
})

test('SCA-3 a normalized score is the score, else (rank - 1) / (n - 1), 1 when there is one value alone', async () => {
  const thousandths = fc.integer({ min: 0, max: 1_000 }).map((score) => Big(score).div(1_000).toFixed())
  const scores = fc.oneof(
    fc.array(thousandths, { minLength: 1, maxLength: 50 }),
    fc.integer({ min: 1, max: 50 }).map((n) => Array<null>(n).fill(null)),
  )
  await fc.assert(
    fc.asyncProperty(scores, async (given) => {
      const owner = await world.newPerson(crypto.randomUUID())
      const deed = await created(
        { name: 'Scored', measure: 'SCALE', scale: given.map((score, place) => ({ name: `v${place}`, score })) },
        owner,
      )
      const expected = given.map(
        (score, place) =>
          score ??
          (given.length === 1
            ? '1'
            : Big(place)
                .div(given.length - 1)
                .round(6)
                .toFixed()),
      )
      const normalized = deed.scale.values.map((value: { normalizedScore: string }) => value.normalizedScore)
      expect(normalized.map((score: string) => Big(score).toFixed())).toEqual(
        expected.map((score) => Big(score).toFixed()),
      )
    }),
    { numRuns: 15 },
  )
})

test('TREE-3 names are unique among the live deeds of a category, in NFC and without case', async () => {
  await created({ name: 'Café' })
  const taken = { code: 'CONFLICT', reason: 'DUPLICATE_NAME', field: 'input.name' }
  expect(refusalOf(await create({ name: 'CAFE\u0301' }))).toEqual(taken)
  await created({ name: 'Café', category: 'SAIYYIAAT' })
  const other = await created({ name: 'Other' })
  expect(refusalOf(await update({ deedId: other.id, name: 'café' }))).toEqual(taken)
  // Somebody else's names are their own.
  await created({ name: 'Café' }, await world.newPerson('budi'))
})

test('TREE-3 two siblings of one name in the input are refused before anything is stored', async () => {
  const answer = await create({ name: 'Prayer', items: [{ name: 'Fajr' }, { name: 'FAJR' }] })
  expect(refusalOf(answer)).toEqual({ code: 'BAD_USER_INPUT', reason: 'DUPLICATE_NAME', field: 'input.items[1].name' })
  await created({ name: 'Prayer' })
})

test('at most 100 live deeds: the next one is TOO_MANY', async () => {
  await world.sql(
    `insert into deeds (user_id, category_type, name, measure_type) select $1, 'hasanaat', 'deed ' || n, 'count' from generate_series(1, 100) as n`,
    [leila.userId],
  )
  expect(refusalOf(await create({ name: 'One more' }))).toEqual({ code: 'CONFLICT', reason: 'TOO_MANY' })
})

test('what is left out of a change stays', async () => {
  const { id } = await created({ name: 'Reading', description: 'A page a day', unit: 'pages' })
  expect(await updated({ deedId: id, name: 'Qur’an' })).toMatchObject({
    name: 'Qur’an',
    description: 'A page a day',
    unit: 'pages',
    version: 2,
  })
  expect(await updated({ deedId: id, description: null, isHidden: true })).toMatchObject({
    description: null,
    isHidden: true,
    version: 3,
  })
  // Nothing changes, so the version stands.
  expect(await updated({ deedId: id, name: 'Qur’an', isHidden: true })).toMatchObject({ version: 3 })
})

test('ENT-8 a stale expectedVersion is refused with the current one', async () => {
  const { id } = await created({ name: 'Reading' })
  await updated({ deedId: id, name: 'Recitation', expectedVersion: 1 })
  const answer = await update({ deedId: id, name: 'Late', expectedVersion: 1 })
  expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', reason: 'STALE_VERSION', currentVersion: 2 })
})

test('deeds take places among those of their category', async () => {
  const deeds = []
  for (const name of ['a', 'b', 'c']) deeds.push(await created({ name }))
  await created({ name: 'other side', category: 'SAIYYIAAT' })
  expect(deeds.map((deed) => deed.displayOrder)).toEqual([0, 1, 2])
  expect(await updated({ deedId: deeds[2].id, position: 0 })).toMatchObject({ displayOrder: 0 })
  const order = async () => {
    const rows = await world.loadersOf(leila).deedsOfOwner.load(leila.userId)
    return rows
      .filter((row) => row.category === 'hasanaat')
      .map((row) => row.name)
      .join('')
  }
  expect(await order()).toBe('cab')
  expect(await updated({ deedId: deeds[0].id, position: 99 })).toMatchObject({ displayOrder: 2 })
  expect(await order()).toBe('cba')
  expect(refusalOf(await update({ deedId: deeds[0].id, position: -1 }))).toEqual({
    code: 'BAD_USER_INPUT',
    field: 'input.position',
  })
})

test('the measure changes while nothing is recorded, and takes its unit or scale along', async () => {
  const { id } = await created({ name: 'Prayer', unit: 'rakahs' })
  expect(refusalOf(await update({ deedId: id, measure: 'SCALE' }))).toEqual({
    code: 'BAD_USER_INPUT',
    field: 'input.scale',
  })
  const scaled = await updated({ deedId: id, measure: 'SCALE', scale })
  expect(scaled).toMatchObject({
    measure: 'SCALE',
    unit: null,
    scale: { versionNumber: 1, values: [{ name: 'missed' }, {}, {}] },
  })
  expect(await updated({ deedId: id, measure: 'COUNT', unit: 'times' })).toMatchObject({
    measure: 'COUNT',
    unit: 'times',
    scale: null,
    scales: [],
  })
  const again = await updated({ deedId: id, measure: 'SCALE', scale: [{ name: 'no' }, { name: 'yes' }] })
  expect(again.scale).toMatchObject({
    versionNumber: 1,
    values: [{ name: 'no' }, { name: 'yes', normalizedScore: '1' }],
  })
})

test('ENT-1 the measure is fixed once a deed has an entry', async () => {
  const { id, items } = await created({ name: 'Prayer', items: [{ name: 'Fajr' }] })
  await world.sql(
    `insert into entries (user_id, deed_item_id, entry_date, count_value, created_by_user_id, updated_by_user_id)
     values ($1, $2, current_date, 1, $1, $1)`,
    [leila.userId, itemIdOf(items[0].id)],
  )
  expect(refusalOf(await update({ deedId: id, measure: 'SCALE', scale }))).toEqual({
    code: 'CONFLICT',
    reason: 'MEASURE_IN_USE',
    field: 'input.measure',
  })
  expect(await updated({ deedId: id, measure: 'COUNT', unit: 'times' })).toMatchObject({ unit: 'times' })
})

test('SHA-8 a deed of somebody else’s, and one that is nowhere, can’t be changed and read the same', async () => {
  const budi = await world.newPerson('budi-8')
  const deed = await created({ name: 'Secret' })
  const theirs = await update({ deedId: deed.id, name: 'Mine' }, budi)
  const [{ deed_id: last } = { deed_id: '' }] = await world.sql('select max(deed_id) as deed_id from deeds')
  const nowhere = Buffer.from(`Deed:${leila.userId}:${Number(last) + 1}`).toString('base64url')
  const absent = await update({ deedId: nowhere, name: 'Mine' }, leila)
  expect(refusalOf(theirs)).toEqual({ code: 'NOT_FOUND' })
  expect(theirs.errors?.[0]?.message).toBe(absent.errors?.[0]?.message)
  expect(refusalOf(absent)).toEqual({ code: 'NOT_FOUND' })
})

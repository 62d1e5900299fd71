import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedsWorld, itemIdOf, refusalOf } from '../../support/deeds.ts'
import { createDeed, createdDeed, scale, updateDeed, updatedDeed } from './deed-requests.ts'

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

const create = (input: object, as = leila) => createDeed(world, as, input)
const created = (input: object, as = leila) => createdDeed(world, as, input)
const update = (input: object, as = leila) => updateDeed(world, as, input)
const updated = (input: object) => updatedDeed(world, leila, input)

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
    reason: 'OUT_OF_RANGE',
    field: 'input.position',
  })
})

test('the measure changes while nothing is recorded, and takes its unit or scale along', async () => {
  const { id } = await created({ name: 'Prayer', unit: 'rakahs' })
  expect(refusalOf(await update({ deedId: id, measure: 'SCALE' }))).toEqual({
    code: 'BAD_USER_INPUT',
    reason: 'EMPTY_LIST',
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
  expect(refusalOf(theirs)).toEqual({ code: 'NOT_FOUND', field: 'input.deedId' })
  expect(theirs.errors?.[0]?.message).toBe(absent.errors?.[0]?.message)
  expect(refusalOf(absent)).toEqual({ code: 'NOT_FOUND', field: 'input.deedId' })
})

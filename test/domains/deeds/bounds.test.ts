import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedsWorld, refusalOf } from '../../support/deeds.ts'

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

const CREATE = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) { createDeed(input: $input) { deed { id itemCount scale { values { id } } } } }`
const DELETE = /* GraphQL */ `mutation DeleteDeed($id: ID!) { deleteDeed(input: { deedId: $id }) { deletion { id rowCount } } }`
const RESTORE = /* GraphQL */ `mutation Restore($id: ID!) { restore(input: { deletionId: $id }) { restored { id } } }`
const PUBLISH = /* GraphQL */ `mutation Publish($input: PublishScaleInput!) { publishScale(input: $input) { scale { versionNumber effectiveTo } } }`

const create = (over: object) =>
  world.ask(leila, CREATE, { input: { category: 'HASANAAT', name: 'Reading', measure: 'COUNT', ...over } })
const publish = (deedId: string, values: object[], effectiveFrom?: string) =>
  world.ask(leila, PUBLISH, { input: { deedId, values, effectiveFrom } })

async function taken(answer: ReturnType<typeof create>) {
  const { data, errors } = await answer
  expect(errors).toBeUndefined()
  return data.createDeed.deed
}

const named = (what: string, many: number) => Array.from({ length: many }, (_, place) => ({ name: `${what} ${place}` }))
/** One below the other. */
const line = (many: number): object[] =>
  named('level', many).reduceRight<object[]>((children, item) => [{ ...item, children }], [])

describe('the last that fits is taken, the next one refused:', () => {
  test('100 deeds, made or restored', async () => {
    const first = await taken(create({ name: 'First' }))
    await world.sql(
      `insert into deeds (user_id, category_type, name, measure_type, is_active)
       select $1, 'saiyyiaat', 'deed ' || n, 'count', n > 10 from generate_series(1, 98) as n`,
      [leila.userId],
    )
    const tooMany = { code: 'CONFLICT', reason: 'TOO_MANY' }
    await taken(create({ name: 'The hundredth' }))
    expect(refusalOf(await create({ name: 'One more' }))).toEqual(tooMany)
    const { deletion } = (await world.ask(leila, DELETE, { id: first.id })).data.deleteDeed
    await taken(create({ name: 'One more' }))
    expect(refusalOf(await world.ask(leila, RESTORE, { id: deletion.id }))).toEqual(tooMany)
  })

  test('500 items of a deed, in one request', async () => {
    const tooMany = { code: 'BAD_USER_INPUT', reason: 'TOO_MANY', field: 'input.items' }
    expect(refusalOf(await create({ items: named('item', 501) }))).toEqual(tooMany)
    const halves = [{ name: 'half', children: named('item', 250) }]
    expect(refusalOf(await create({ items: [...halves, ...named('item', 250)] }))).toEqual(tooMany)
    expect((await taken(create({ items: [...halves, ...named('item', 249)] }))).itemCount).toBe(500)
  })

  test('TREE-4 a full deed is deleted and restored as any other', async () => {
    const { id } = await taken(create({ items: [{ name: 'all', children: named('item', 499) }] }))
    const { deletion } = (await world.ask(leila, DELETE, { id })).data.deleteDeed
    expect(deletion.rowCount).toBe(501)
    expect((await world.ask(leila, RESTORE, { id: deletion.id })).data.restore.restored).toEqual({ id })
  })

  test('TREE-1 10 levels', async () => {
    expect(refusalOf(await create({ items: line(11) }))).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'TOO_DEEP' })
    expect((await taken(create({ items: line(10) }))).itemCount).toBe(10)
  })

  test('SCA-3 50 values of a version, the first and a later one', async () => {
    const tooMany = { code: 'BAD_USER_INPUT', reason: 'TOO_MANY' }
    const of = (many: number) => create({ measure: 'SCALE', scale: named('value', many) })
    expect(refusalOf(await of(51))).toEqual({ ...tooMany, field: 'input.scale' })
    const deed = await taken(of(50))
    expect(deed.scale.values).toHaveLength(50)
    expect(refusalOf(await publish(deed.id, named('value', 51)))).toEqual({ ...tooMany, field: 'input.values' })
    expect((await publish(deed.id, named('value', 50))).errors).toBeUndefined()
  })

  test('SCA-1 200 versions of a scale', async () => {
    const { id } = await taken(create({ measure: 'SCALE', scale: named('value', 2) }))
    for (let version = 2; version <= 199; version += 1) {
      const { errors } = await publish(id, named('value', 2))
      if (errors) throw new Error(JSON.stringify(errors))
    }
    expect((await publish(id, named('value', 2))).data.publishScale.scale).toEqual({
      versionNumber: 200,
      effectiveTo: null,
    })
    expect(refusalOf(await publish(id, named('value', 2)))).toEqual({ code: 'CONFLICT', reason: 'TOO_MANY' })
  })

  test.each([
    ['name', 200],
    ['description', 2_000],
    ['unit', 50],
  ])('%s of %i characters, as people count them', async (field, most) => {
    const invalid = { code: 'BAD_USER_INPUT', reason: 'INVALID_TEXT', field: `input.${field}` }
    expect(refusalOf(await create({ [field]: '🌙'.repeat(most + 1) }))).toEqual(invalid)
    await taken(create({ [field]: '🌙'.repeat(most) }))
  })
})

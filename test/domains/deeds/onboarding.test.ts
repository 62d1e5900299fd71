import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { defaultLimits } from '../../../src/platform/graphql/limits.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'

let service: TestService
let leila: TestPerson
beforeAll(async () => {
  // What one viewer may spend in a minute is as in production, too.
  service = await startService({ limits: { viewerCostPerMinute: defaultLimits.viewerCostPerMinute } })
})
afterAll(() => service.stop())

const scale = [{ name: 'missed' }, { name: 'late', color: '#FFAA00' }, { name: 'on time' }]

/** A deed of twelve items on two levels: three groups of three. */
const deed = (name: string, over: object = {}) => ({
  category: 'HASANAAT',
  name,
  measure: 'COUNT',
  items: ['Morning', 'Noon', 'Evening'].map((part) => ({
    name: part,
    children: [1, 2, 3].map((place) => ({ name: `${part} ${place}` })),
  })),
  ...over,
})

/** All of these in one request, each under an alias, with what an app shows next. */
async function onboard(deeds: object[]) {
  const parameters = deeds.map((_, place) => `$d${place}: CreateDeedInput!`).join(' ')
  const fields = deeds.map((_, place) => `d${place}: createDeed(input: $d${place}) { deed { ...Made } }`).join('\n')
  const document = `
    mutation Onboard(${parameters}) { ${fields} }
    fragment Made on Deed { id name measure unit itemTree { id name level parentId } scale { values { id name color } } }`
  return service.execute(document, Object.fromEntries(deeds.map((input, place) => [`d${place}`, input])), { as: leila })
}

const names = async () => {
  const { data } = await service.execute('{ me { user { deeds { name itemCount } } } }', {}, { as: leila })
  return data.me.user.deeds
}

test('a diary of five deeds with twelve items each, and scales, is made in one request', async () => {
  leila = await newUser(service.database, 'leila')
  const { data, errors } = await onboard([
    deed('Prayer', { measure: 'SCALE', scale }),
    deed('Reading', { unit: 'pages' }),
    deed('Charity', { unit: 'EGP' }),
    deed('Fasting', { measure: 'SCALE', scale }),
    deed('Idle talk', { category: 'SAIYYIAAT' }),
  ])
  expect(errors).toBeUndefined()
  expect(Object.keys(data)).toEqual(['d0', 'd1', 'd2', 'd3', 'd4'])
  for (const { deed: made } of Object.values<{ deed: { itemTree: object[] } }>(data))
    expect(made.itemTree).toHaveLength(12)
  expect(data.d0.deed.scale.values).toHaveLength(3)
  expect(await names()).toHaveLength(5)
})

test('so are as many deeds as a request may have root fields', async () => {
  leila = await newUser(service.database, 'leila')
  const deeds = Array.from({ length: defaultLimits.rootFields }, (_, place) => deed(`Deed ${place}`))
  expect((await onboard(deeds)).errors).toBeUndefined()
  expect(await names()).toHaveLength(defaultLimits.rootFields)
})

test('the first deed that is refused ends the request: those before it are there, those after it are not', async () => {
  leila = await newUser(service.database, 'leila')
  const { data, errors } = await onboard([deed('Prayer'), deed('Reading'), deed('PRAYER'), deed('Fasting')])
  expect(data).toBeNull()
  expect(errors).toHaveLength(1)
  expect(errors?.[0]).toMatchObject({ path: ['d2'], extensions: { code: 'CONFLICT', reason: 'DUPLICATE_NAME' } })
  expect(await names()).toEqual([
    { name: 'Prayer', itemCount: 12 },
    { name: 'Reading', itemCount: 12 },
  ])
})

test('items are added to several deeds in one request', async () => {
  leila = await newUser(service.database, 'leila')
  const { data } = await onboard([deed('Prayer'), deed('Reading')])
  const input = (of: { deed: { id: string } }) => ({
    deedId: of.deed.id,
    items: Array.from({ length: 100 }, (_, place) => ({ name: `more ${place}` })),
  })
  const more = await service.execute(
    /* GraphQL */ `
      mutation More($a: CreateDeedItemsInput!, $b: CreateDeedItemsInput!) {
        a: createDeedItems(input: $a) { deed { itemCount } }
        b: createDeedItems(input: $b) { deed { itemCount } }
      }`,
    { a: input(data.d0), b: input(data.d1) },
    { as: leila },
  )
  expect(more.data).toEqual({ a: { deed: { itemCount: 112 } }, b: { deed: { itemCount: 112 } } })
})

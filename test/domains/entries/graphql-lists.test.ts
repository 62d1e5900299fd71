import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { fromGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { type DeedsWorld, deedsWorld, refusalOf } from '../../support/deeds.ts'
import type { TestPerson } from '../../support/people.ts'
import { type Diary, ENTRIES, globalId, newDiary, RECORD } from './entry-requests.ts'

let world: DeedsWorld
beforeAll(async () => {
  world = await deedsWorld()
})
afterAll(() => world.stop())

let leila: Diary['leila']
let budi: Diary['budi']
let today: Diary['today']
let items: Diary['items']
let values: Diary['values']
let deeds: Diary['deeds']
beforeEach(async () => {
  ;({ leila, budi, today, items, values, deeds } = await newDiary(world))
})

const record = (as: TestPerson, input: object) => world.ask(as, RECORD, { input })

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

  test('a page that is asked for little of its entries has the same entries as one that is asked for all', async () => {
    await record(leila, { itemId: items.Page, count: '4', notes: 'n' })
    await record(leila, { itemId: items.Page, count: '5' })
    await record(leila, { itemId: items.Fajr, scaleValueId: values.late, date: addDays(today, -3) })
    await record(leila, { itemId: items.Juz, count: '1', date: addDays(today, -5) })
    const page = async (further: string, entry: string, first = 2) => {
      const query = `query ($range: DateRange, $first: Int) { me { user { entries(filter: { range: $range }, first: $first) {
        ${further} totalCount nodes { id date count notes version owner { id } item { id } scaleValue { name } ${entry} }
        more: pageInfo { hasNextPage hasPreviousPage } } } } }`
      const range = { from: addDays(today, -4), to: today }
      return (await world.ask(leila, query, { range, first })).data.me.user.entries
    }
    const { edges, pageInfo, ...whole } = await page('edges { cursor } pageInfo { endCursor }', 'origin updatedAt', 1)
    expect([edges.length, pageInfo.endCursor]).toEqual([1, edges[0].cursor])
    const [{ origin, updatedAt, ...entry }] = whole.nodes
    expect([origin, typeof updatedAt]).toEqual(['MANUAL', 'string'])
    expect(await page('', '', 1)).toEqual({ ...whole, nodes: [entry] })
    expect(whole).toMatchObject({ totalCount: 2, more: { hasNextPage: true, hasPreviousPage: false } })
    expect((await page('', '')).nodes.map(({ version }: { version: number }) => version)).toEqual([2, 1])
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

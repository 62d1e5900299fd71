import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { deedsWorld, itemIdOf, refusalOf } from '../../support/deeds.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Book, newBook, pages } from '../progress/book.ts'

const DELETE_ITEM = /* GraphQL */ `mutation DeleteItem($id: ID!) { deleteDeedItem(input: { itemId: $id }) { deletion { id } } }`
const DELETE_DEED = /* GraphQL */ `mutation DeleteDeed($id: ID!) { deleteDeed(input: { deedId: $id }) { deletion { id } } }`
const RESTORE = /* GraphQL */ `
  mutation Restore($id: ID!) {
    restore(input: { deletionId: $id }) { restored { __typename ... on Merit { title completedOn } ... on Target { title completedOn } } }
  }`

describe('goals', () => {
  let service: TestService
  let book: Book
  beforeAll(async () => {
    service = await startService()
  })
  afterAll(() => service.stop())
  beforeEach(async () => {
    book = await newBook(service)
  })

  const asked = () => ({
    title: 'Three pages',
    startDate: book.today,
    durationDays: 3,
    items: [{ itemId: book.items.Quran, ...pages('3') }],
  })
  const DELETE_MERIT = /* GraphQL */ `mutation DeleteMerit($id: ID!) { deleteMerit(input: { meritId: $id }) { deletion { id } } }`

  async function deletedMerit(over: object = {}): Promise<string> {
    const id = await book.newMerit({ ...asked(), ...over })
    return (await book.ask(DELETE_MERIT, { id })).data.deleteMerit.deletion.id
  }

  test('TREE-4 a merit comes back, judged by what was recorded meanwhile', async () => {
    const id = await deletedMerit()
    await book.record('Page', 0, { count: '3' })
    const { data } = await book.ask(RESTORE, { id })
    expect(data.restore.restored).toEqual({ __typename: 'Merit', title: 'Three pages', completedOn: book.today })
  })

  test('TREE-4 so does a target', async () => {
    const create = /* GraphQL */ `mutation Create($input: CreateTargetInput!) { createTarget(input: $input) { target { id } } }`
    const made = (await book.ask(create, { input: asked() })).data.createTarget.target
    const DELETE_TARGET = /* GraphQL */ `mutation DeleteTarget($id: ID!) { deleteTarget(input: { targetId: $id }) { deletion { id } } }`
    const { deletion } = (await book.ask(DELETE_TARGET, { id: made.id })).data.deleteTarget
    await book.record('Page', 0, { count: '3' })
    const { data } = await book.ask(RESTORE, { id: deletion.id })
    expect(data.restore.restored).toEqual({ __typename: 'Target', title: 'Three pages', completedOn: book.today })
  })

  test('TREE-4 a goal is restored by whoever may change goals', async () => {
    const id = await deletedMerit()
    const as = { ...book.leila, scopes: ['DEEDS_READ', 'DEEDS_WRITE'] }
    const answer = await service.execute(RESTORE_SHARED, { id }, { as })
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      reason: 'MISSING_SCOPE',
      scopes: ['GOALS_WRITE'],
    })
    expect(await book.merits()).toEqual([])
  })

  test('TREE-4 a merit waits for its deed, whose own deletion did not take it', async () => {
    const merit = await deletedMerit()
    const deed = (await book.ask(DELETE_DEED, { id: book.deedId })).data.deleteDeed.deletion.id
    expect(refusalOf(await book.ask(RESTORE, { id: merit }))).toEqual({
      code: 'CONFLICT',
      reason: 'PARENT_DELETED',
      field: 'input.deletionId',
    })
    expect((await book.ask(RESTORE, { id: deed })).errors).toBeUndefined()
    expect(await book.merits()).toEqual([])
    expect((await book.ask(RESTORE, { id: merit })).errors).toBeUndefined()
    expect(await book.merits()).toHaveLength(1)
  })

  test('GOAL-1 a merit does not come back to a deed that is measured in another way by now', async () => {
    const merit = await deletedMerit()
    const days = await deletedMerit({ items: [{ itemId: book.items.Quran, metric: 'DAYS_RECORDED', target: '3' }] })
    const measure = /* GraphQL */ `mutation Measure($input: UpdateDeedInput!) { updateDeed(input: $input) { deed { measure } } }`
    const scale = [{ name: 'no' }, { name: 'yes' }]
    await book.ask(measure, { input: { deedId: book.deedId, measure: 'SCALE', scale } })
    expect(refusalOf(await book.ask(RESTORE, { id: merit }))).toEqual({
      code: 'CONFLICT',
      reason: 'WRONG_MEASURE',
      field: 'input.deletionId',
    })
    expect((await book.ask(RESTORE, { id: days })).errors).toBeUndefined()
    await book.ask(measure, { input: { deedId: book.deedId, measure: 'COUNT' } })
    expect((await book.ask(RESTORE, { id: merit })).errors).toBeUndefined()
  })
})

const RESTORE_SHARED = /* GraphQL */ `mutation Restore($id: ID!) { restore(input: { deletionId: $id }) { restored { id } } }`

test('SHA-4 what is shared goes from those who see it, and is shared again once it is restored', async () => {
  const world = await deedsWorld()
  try {
    const [leila, maryam] = [await world.newPerson('leila'), await world.newPerson('maryam')]
    const create = /* GraphQL */ `mutation Create($input: CreateDeedInput!) { createDeed(input: $input) { deed { id items { id children { id } } } } }`
    const input = {
      category: 'HASANAAT',
      name: 'Reading',
      measure: 'COUNT',
      items: [{ name: 'Quran', children: [{ name: 'Juz' }] }],
    }
    const { deed } = (await world.ask(leila, create, { input })).data.createDeed
    const [quran] = deed.items
    await world.befriend(leila, maryam)
    await world.grant(leila, maryam, itemIdOf(quran.id))
    const seen = async () => {
      const look = /* GraphQL */ `query Look($ids: [ID!]!) { nodes(ids: $ids) { ... on DeedItem { name } ... on Deed { itemCount } } }`
      return (await world.ask(maryam, look, { ids: [deed.id, quran.id, quran.children[0].id] })).data.nodes
    }
    const all = [{ itemCount: 2 }, { name: 'Quran' }, { name: 'Juz' }]
    expect(await seen()).toEqual(all)
    const ways: [string, string, Viewer, unknown[]][] = [
      [DELETE_ITEM, quran.children[0].id, leila, [{ itemCount: 1 }, { name: 'Quran' }, null]],
      [DELETE_ITEM, quran.id, leila, [null, null, null]],
      [DELETE_DEED, deed.id, leila, [null, null, null]],
    ]
    for (const [document, id, owner, left] of ways) {
      const { data } = await world.ask(owner, document, { id })
      const { deletion } = data.deleteDeed ?? data.deleteDeedItem
      expect(await seen()).toEqual(left)
      expect(refusalOf(await world.ask(maryam, RESTORE_SHARED, { id: deletion.id }))).toMatchObject({
        code: 'NOT_FOUND',
      })
      expect((await world.ask(owner, RESTORE_SHARED, { id: deletion.id })).errors).toBeUndefined()
      expect(await seen()).toEqual(all)
    }
  } finally {
    await world.stop()
  }
})

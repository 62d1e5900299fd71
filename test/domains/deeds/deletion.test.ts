import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { startService, type TestService } from '../../support/service.ts'
import { type Book, newBook, pages } from '../progress/book.ts'

let service: TestService
let book: Book
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())
beforeEach(async () => {
  book = await newBook(service)
})

const DELETE_DEED = /* GraphQL */ `
  mutation DeleteDeed($input: DeleteDeedInput!) { deleteDeed(input: $input) { deletion { id kind label rowCount } } }`
const DELETE_ITEM = /* GraphQL */ `
  mutation DeleteItem($input: DeleteDeedItemInput!) {
    deleteDeedItem(input: $input) { deletion { id kind label rowCount } deed { itemTree { name } } }
  }`
const RESTORE = /* GraphQL */ `
  mutation Restore($id: ID!) {
    restore(input: { deletionId: $id }) {
      restored { __typename id ... on Deed { name itemTree { name } } ... on DeedItem { name children { name } } ... on Merit { title } }
    }
  }`
const OVERVIEW = /* GraphQL */ `
  query Overview {
    me {
      deletions { totalCount nodes { id kind label rowCount deletedAt purgeAfter } }
      merits { nodes { title completedOn progress { state } } }
      user { deeds { name itemTree { name level } } entries(orderBy: DATE_ASC) { nodes { item { name } date count } } }
    }
  }`
const CREATE_DEED = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) { createDeed(input: $input) { deed { id itemTree { id name } } } }`
const CREATE_ITEMS = /* GraphQL */ `
  mutation CreateItems($input: CreateDeedItemsInput!) { createDeedItems(input: $input) { items { id name } } }`
const NODE = /* GraphQL */ `query Node($id: ID!) { node(id: $id) { __typename id ... on Deletion { label } } }`

const deleteDeed = (over = {}) => book.ask(DELETE_DEED, { input: { deedId: book.deedId, ...over } })
const deleteItem = (item: string, over = {}) => book.ask(DELETE_ITEM, { input: { itemId: book.items[item], ...over } })
const restore = (id: string) => book.ask(RESTORE, { id })
const overview = async () => (await book.ask(OVERVIEW)).data.me
const reading = { category: 'HASANAAT', name: 'Reading', measure: 'COUNT' }

async function deleted(item?: string): Promise<string> {
  const { data, errors } = item ? await deleteItem(item) : await deleteDeed()
  if (errors) throw new Error(JSON.stringify(errors))
  return (item ? data.deleteDeedItem : data.deleteDeed).deletion.id
}

function extensionsOf({ errors }: Awaited<ReturnType<Book['ask']>>) {
  expect(errors).toHaveLength(1)
  return errors?.[0]?.extensions
}

describe('an item', () => {
  test('TREE-4 goes with all below it and its entries, is listed, and comes back with exactly those', async () => {
    await book.record('Page', 0, { count: '3' })
    await book.record('Hadith', 0, { count: '1' })
    const before = await overview()
    const answer = await deleteItem('Juz')
    expect(answer.data.deleteDeedItem).toEqual({
      deletion: { id: expect.any(String), kind: 'DEED_ITEM', label: 'Juz', rowCount: 2 },
      deed: { itemTree: [{ name: 'Quran' }, { name: 'Hadith' }] },
    })
    const { id } = answer.data.deleteDeedItem.deletion
    const hidden = await overview()
    expect(hidden.user.entries.nodes).toEqual([{ item: { name: 'Hadith' }, date: book.today, count: '1' }])
    expect(hidden.deletions).toMatchObject({
      totalCount: 1,
      nodes: [{ id, kind: 'DEED_ITEM', label: 'Juz', rowCount: 2 }],
    })
    const [{ deletedAt, purgeAfter }] = hidden.deletions.nodes
    expect(Date.parse(purgeAfter) - Date.parse(deletedAt)).toBe(90 * 24 * 60 * 60 * 1000)
    expect((await book.ask(NODE, { id })).data.node).toEqual({ __typename: 'Deletion', id, label: 'Juz' })
    expect((await restore(id)).data.restore.restored).toEqual({
      __typename: 'DeedItem',
      id: book.items.Juz,
      name: 'Juz',
      children: [{ name: 'Page' }],
    })
    expect(await overview()).toEqual(before)
  })

  test('TREE-4 what was deleted before it is not part of its deletion, and waits for it to come back', async () => {
    const page = await deleted('Page')
    const juz = await deleted('Juz')
    expect(extensionsOf(await restore(page))).toEqual({
      code: 'CONFLICT',
      reason: 'PARENT_DELETED',
      field: 'input.deletionId',
    })
    expect((await restore(juz)).data.restore.restored).toMatchObject({ name: 'Juz', children: [] })
    expect((await restore(page)).data.restore.restored).toMatchObject({ name: 'Page' })
    expect((await overview()).user.deeds[0].itemTree.map(({ level }: { level: number }) => level)).toEqual([1, 2, 3, 1])
  })

  test('TREE-4 below one that was moved meanwhile it comes back there, at its new level', async () => {
    const page = await deleted('Page')
    const move = /* GraphQL */ `mutation Move($input: MoveDeedItemInput!) { moveDeedItem(input: $input) { item { level } } }`
    await book.ask(move, { input: { itemId: book.items.Juz, parentId: null } })
    await restore(page)
    expect((await overview()).user.deeds[0].itemTree).toEqual([
      { name: 'Quran', level: 1 },
      { name: 'Hadith', level: 1 },
      { name: 'Juz', level: 1 },
      { name: 'Page', level: 2 },
    ])
  })

  test('TREE-3 a name that a sibling has taken meanwhile is in the way of restoring', async () => {
    const deletion = await deleted('Hadith')
    await book.ask(CREATE_ITEMS, { input: { deedId: book.deedId, items: [{ name: 'hadith' }] } })
    const before = await overview()
    expect(extensionsOf(await restore(deletion))).toEqual({
      code: 'CONFLICT',
      reason: 'DUPLICATE_NAME',
      field: 'input.deletionId',
    })
    expect(await overview()).toEqual(before)
  })

  test('TREE-1 a deed that is full has no room for what comes back', async () => {
    const deletion = await deleted('Juz')
    const items = Array.from({ length: 498 }, (_, place) => ({ name: `page ${place}` }))
    const filled = await book.ask(CREATE_ITEMS, { input: { deedId: book.deedId, items } })
    expect(filled.errors).toBeUndefined()
    expect(extensionsOf(await restore(deletion))).toMatchObject({ code: 'CONFLICT', reason: 'TOO_MANY' })
  })

  test('TREE-4 with a version that is not the current one nothing is deleted', async () => {
    expect(extensionsOf(await deleteItem('Juz', { expectedVersion: 7 }))).toMatchObject({
      reason: 'STALE_VERSION',
      currentVersion: 1,
    })
    expect((await overview()).deletions.totalCount).toBe(0)
    expect((await deleteItem('Juz', { expectedVersion: 1 })).errors).toBeUndefined()
  })

  test('GOAL-4 suspends the merit that needs it, takes its completion back, and both return with it', async () => {
    const items = [{ itemId: book.items.Quran, ...pages('3') }]
    await book.newMerit({ title: 'Three', startDate: book.today, durationDays: 3, items })
    await book.newMerit({
      title: 'All of it',
      startDate: book.today,
      durationDays: 3,
      items: [{ itemId: book.items.Page, ...pages('3') }],
    })
    await book.record('Page', 0, { count: '3' })
    const before = await overview()
    expect(before.merits.nodes).toMatchObject([{ completedOn: book.today }, { completedOn: book.today }])
    const deletion = await deleted('Page')
    expect((await overview()).merits.nodes).toEqual([
      { title: 'All of it', completedOn: null, progress: { state: 'SUSPENDED' } },
      { title: 'Three', completedOn: null, progress: { state: 'PENDING' } },
    ])
    await restore(deletion)
    expect(await overview()).toEqual(before)
  })
})

describe('a deed', () => {
  test('TREE-4 goes with its items, scale and merits, and comes back with exactly those', async () => {
    const items = [{ itemId: book.items.Quran, ...pages('3') }]
    await book.newMerit({ title: 'Three', startDate: book.today, durationDays: 3, items })
    await book.record('Page', 0, { count: '3' })
    const hadith = await deleted('Hadith')
    const before = await overview()
    const answer = await deleteDeed()
    // The deed, three items, a merit.
    expect(answer.data.deleteDeed.deletion).toMatchObject({ kind: 'DEED', label: 'Reading', rowCount: 5 })
    const { id } = answer.data.deleteDeed.deletion
    const gone = await overview()
    expect(gone).toMatchObject({ merits: { nodes: [] }, user: { deeds: [], entries: { nodes: [] } } })
    expect(gone.deletions.nodes.map((deletion: { id: string }) => deletion.id)).toEqual([id, hadith])
    expect(extensionsOf(await restore(hadith))).toMatchObject({ reason: 'PARENT_DELETED' })
    const { restored } = (await restore(id)).data.restore
    expect(restored).toMatchObject({ __typename: 'Deed', id: book.deedId, name: 'Reading' })
    expect(await overview()).toEqual(before)
    expect((await restore(hadith)).errors).toBeUndefined()
  })

  test('TREE-4 on a scale that has entries it goes with every version of it', async () => {
    book = await newBook(service, { measure: 'SCALE' })
    await book.record('Page', 0, { scaleValueId: book.values.late })
    const answer = await deleteDeed()
    // The deed, four items, one version of its scale.
    expect(answer.data.deleteDeed.deletion).toMatchObject({ rowCount: 6 })
    expect((await restore(answer.data.deleteDeed.deletion.id)).errors).toBeUndefined()
    const scale = /* GraphQL */ `query Scale($id: ID!) { node(id: $id) { ... on Deed { scale { isLocked values { name } } } } }`
    expect((await book.ask(scale, { id: book.deedId })).data.node.scale).toEqual({
      isLocked: true,
      values: [{ name: 'missed' }, { name: 'late' }, { name: 'on time' }],
    })
  })

  test('TREE-3 its name may be taken meanwhile, and is then in the way of restoring', async () => {
    const deletion = await deleted()
    const { data } = await book.ask(CREATE_DEED, { input: { ...reading, name: 'READING' } })
    expect(extensionsOf(await restore(deletion))).toMatchObject({ reason: 'DUPLICATE_NAME', field: 'input.deletionId' })
    await book.ask(DELETE_DEED, { input: { deedId: data.createDeed.deed.id } })
    expect((await restore(deletion)).errors).toBeUndefined()
  })

  test('IMP-1 what an import made anew since is in the way of restoring', async () => {
    const keyed = () =>
      service.database.admin.query(
        "update deeds set external_key = 'loop:Reading' where user_id = $1 and deleted_at is null",
        [book.leila.userId],
      )
    await keyed()
    const deletion = await deleted()
    await book.ask(CREATE_DEED, { input: { ...reading, name: 'Recitation' } })
    await keyed()
    expect(extensionsOf(await restore(deletion))).toMatchObject({ code: 'CONFLICT', reason: 'IMPORTED_AGAIN' })
  })

  test('TREE-4 a deletion is restored once, by whose it is', async () => {
    const deletion = await deleted()
    const other = await newBook(service)
    const nobody = { code: 'NOT_FOUND' }
    expect(extensionsOf(await other.ask(RESTORE, { id: deletion }))).toMatchObject(nobody)
    expect(extensionsOf(await other.ask(NODE, { id: deletion }))).toMatchObject(nobody)
    expect(extensionsOf(await other.ask(DELETE_DEED, { input: { deedId: book.deedId } }))).toMatchObject(nobody)
    expect(extensionsOf(await other.ask(DELETE_ITEM, { input: { itemId: book.items.Page } }))).toMatchObject(nobody)
    expect((await restore(deletion)).errors).toBeUndefined()
    expect(extensionsOf(await restore(deletion))).toMatchObject(nobody)
    expect(extensionsOf(await restore(book.deedId))).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'INVALID_ID' })
    expect((await overview()).deletions).toEqual({ totalCount: 0, nodes: [] })
  })

  test('TREE-4 at once with an entry, the entry is either hidden with it or refused', async () => {
    const record = () =>
      book.ask('mutation Record($input: RecordEntryInput!) { recordEntry(input: $input) { status } }', {
        input: { itemId: book.items.Page, count: '1' },
      })
    const [deletion, entry] = await Promise.all([deleteDeed(), record()])
    expect(deletion.errors).toBeUndefined()
    if (entry.errors) expect(extensionsOf(entry)).toMatchObject({ code: 'NOT_FOUND' })
    expect((await overview()).user.entries.nodes).toEqual([])
    await restore(deletion.data.deleteDeed.deletion.id)
    expect((await overview()).user.entries.nodes).toHaveLength(entry.errors ? 0 : 1)
  })
})

test('TREE-4 deletions are paged, the latest first', async () => {
  const ids = [await deleted('Page'), await deleted('Juz'), await deleted('Hadith')].reverse()
  const page = /* GraphQL */ `
    query Page($after: String) { me { deletions(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } }`
  const first = (await book.ask(page)).data.me.deletions
  const second = (await book.ask(page, { after: first.pageInfo.endCursor })).data.me.deletions
  expect([...first.nodes, ...second.nodes].map(({ id }: { id: string }) => id)).toEqual(ids)
  expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false])
})

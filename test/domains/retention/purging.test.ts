import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { deletionsToPurge, purgeDeletion } from '../../../src/domains/retention/queries/deletions.ts'
import { withKysely } from '../../../src/platform/database/migrator.ts'
import type { Database } from '../../../src/platform/database/types.ts'
import { runTask } from '../../support/jobs.ts'
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

const DELETE_ITEM = /* GraphQL */ `
  mutation DeleteItem($input: DeleteDeedItemInput!) { deleteDeedItem(input: $input) { deletion { id } } }`
const DELETE_DEED = /* GraphQL */ `
  mutation DeleteDeed($input: DeleteDeedInput!) { deleteDeed(input: $input) { deletion { id } } }`
const RESTORE = /* GraphQL */ `
  mutation Restore($id: ID!) { restore(input: { deletionId: $id }) { restored { __typename } } }`

const days = 24 * 60 * 60 * 1000
const inDays = (count: number) => new Date(Date.now() + count * days)
const purge = (now: Date) => runTask(service, 'purge_deletions', { now })

async function deleteItem(name: string): Promise<string> {
  return (await book.ask(DELETE_ITEM, { input: { itemId: book.items[name] } })).data.deleteDeedItem.deletion.id
}

/** How many rows of a table are this person's. */
async function count(table: string): Promise<number> {
  const { rows } = await service.database.admin.query(
    `select count(*)::int as count from ${table} where user_id = $1`,
    [book.leila.userId],
  )
  return rows[0].count
}

/** Which tables hold a word of this person's. */
async function tablesWith(word: string): Promise<string[]> {
  const found: string[] = []
  for (const table of [
    'deeds',
    'deed_items',
    'scale_values',
    'goals',
    'entries',
    'entry_history',
    'deletions',
    'audit_log',
    'search_documents',
  ])
    if (
      (
        await service.database.superuser.query(
          `select from ${table} as t where user_id = $1 and t::text ilike $2 limit 1`,
          [book.leila.userId, `%${word}%`],
        )
      ).rowCount
    )
      found.push(table)
  return found
}

test('TREE-4 what was deleted goes 90 days later with its entries and history, and not a day earlier', async () => {
  await book.record('Page', 0, { count: '3', notes: 'gone for good' })
  await book.record('Hadith', 0, { count: '1', notes: 'stays here' })
  const id = await deleteItem('Juz')
  await purge(inDays(89))
  expect(await count('deed_items')).toBe(4)
  expect((await book.ask(RESTORE, { id })).errors).toBeUndefined()
  await deleteItem('Juz')
  await purge(inDays(91))
  expect([await count('deed_items'), await count('entries'), await count('entry_history')]).toEqual([2, 1, 1])
  expect(await tablesWith('gone for good')).toEqual([])
  expect(await tablesWith('Juz')).toEqual([])
  expect(await tablesWith('stays here')).toEqual(['entries', 'entry_history'])
})

test('TREE-4 a deed goes with items, scale and goals; what was taken back stays', async () => {
  book = await newBook(service, { measure: 'SCALE' })
  const late = book.values.late
  await book.record('Page', 0, { scaleValueId: late })
  await book.newMerit({
    title: 'Never late',
    startDate: book.today,
    durationDays: 3,
    items: [{ itemId: book.items.Page, metric: 'SCALE_MATCH', scaleValueId: late, target: '1' }],
  })
  const { deletion } = (await book.ask(DELETE_DEED, { input: { deedId: book.deedId } })).data.deleteDeed
  expect((await book.ask(RESTORE, { id: deletion.id })).errors).toBeUndefined()
  await purge(inDays(91))
  expect([await count('deeds'), await count('goals'), await count('entries')]).toEqual([1, 1, 1])
  await book.ask(DELETE_DEED, { input: { deedId: book.deedId } })
  await purge(inDays(91))
  for (const table of [
    'deeds',
    'deed_items',
    'scales',
    'scale_values',
    'goals',
    'goal_items',
    'entries',
    'entry_history',
  ])
    expect([table, await count(table)]).toEqual([table, 0])
  for (const word of ['Reading', 'Quran', 'Never late', 'on time'])
    expect([word, await tablesWith(word)]).toEqual([word, []])
  const { rows } = await service.database.admin.query(
    "select actor_id, record_id is not null as named from audit_log where user_id = $1 and action_type = 'deletions.purged'",
    [book.leila.userId],
  )
  expect(rows).toEqual([{ actor_id: null, named: true }])
})

test('TREE-4 a branch below one that goes later, and one above that went earlier, both go', async () => {
  await deleteItem('Page')
  await deleteItem('Juz')
  await book.ask(DELETE_DEED, { input: { deedId: book.deedId } })
  await purge(inDays(91))
  expect([await count('deeds'), await count('deed_items'), await count('deletions')]).toEqual([0, 0, 0])
})

test('GOAL-4 a goal that asked for all is not completed by what is left of it', async () => {
  const items = [
    { itemId: book.items.Page, ...pages('5') },
    { itemId: book.items.Hadith, ...pages('1') },
  ]
  await book.newMerit({ startDate: book.today, durationDays: 3, match: 'AND', items })
  await deleteItem('Page')
  await purge(inDays(91))
  expect(await count('goal_items')).toBe(1)
  await book.record('Hadith', 0, { count: '2' })
  expect(await book.merits()).toMatchObject([{ completedAt: null, isSealed: true }])
})

test('a purge that is broken off anywhere is gone on with', async () => {
  await book.record('Page', 0, { count: '3', notes: 'gone for good' })
  await deleteItem('Juz')
  const now = inDays(91)
  await withKysely(service.database.connections.forRole('kitaab_worker'), async (untyped) => {
    const db = untyped as Database
    for (let statements = 0; ; statements += 1) {
      const [deletion] = (await deletionsToPurge(db, now, 100)).filter(({ ownerId }) => ownerId === book.leila.userId)
      if (!deletion) break
      let left = statements
      const signal = {
        throwIfAborted: () => {
          if (left-- === 0) throw new Error('killed')
        },
      } as AbortSignal
      await purgeDeletion(db, deletion, { signal }).catch((error) => expect(error.message).toBe('killed'))
    }
  })
  expect([await count('deed_items'), await count('entries'), await count('entry_history')]).toEqual([2, 0, 0])
  expect(await tablesWith('gone for good')).toEqual([])
})

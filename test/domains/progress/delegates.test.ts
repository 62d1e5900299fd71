import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { fromGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Book, MERITS, newBook, pages } from './book.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

const RECORD = /* GraphQL */ `
  mutation Record($input: RecordEntryInput!) {
    recordEntry(input: $input) { status entry { id } goals { id title progress { state } } }
  }`
const CLEAR = /* GraphQL */ `
  mutation Clear($id: ID!) { clearEntry(input: { entryId: $id }) { date goals { id } } }`

/** Somebody who may record Quran, and what is below it, for the owner of the book. */
async function delegateOf({ leila, items }: Book): Promise<TestPerson> {
  const { admin } = service.database
  const maryam = await newUser(service.database, 'maryam')
  const { rows } = await admin.query(
    "insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, 'm@kitaab.example') returning relation_id",
    [leila.userId, maryam.userId],
  )
  await admin.query("update relations set status = 'accepted' where relation_id = $1", [rows[0].relation_id])
  await admin.query(
    `insert into permissions (user_id, relation_id, requester_id, deed_item_id, permission_type, includes_descendants, backfill_days)
     values ($1, $2, $3, $4, 'write', true, 7)`,
    [leila.userId, rows[0].relation_id, maryam.userId, fromGlobalId('DeedItem', items.Quran ?? '').itemId],
  )
  return maryam
}

test('GOAL-5 a delegate who records moves the owner’s goals, and sees none of them', async () => {
  const book = await newBook(service)
  const maryam = await delegateOf(book)
  const id = await book.newMerit({
    title: 'Of Leila',
    durationDays: 3,
    items: [{ itemId: book.items.Quran, ...pages('3') }],
  })
  const as = { as: maryam }
  const recorded = await service.execute(RECORD, { input: { itemId: book.items.Page, count: '3' } }, as)
  expect(recorded.errors).toBeUndefined()
  expect(recorded.data.recordEntry).toMatchObject({ status: 'CREATED', goals: [] })
  expect(JSON.stringify(recorded.data)).not.toContain('Of Leila')
  expect(await book.merits()).toMatchObject([{ completedOn: book.today, progress: { state: 'MET' } }])

  const seen = await service.execute(/* GraphQL */ `query ($id: ID!) { node(id: $id) { id } }`, { id }, as)
  expect([seen.data.node, seen.errors?.[0]?.extensions.code]).toEqual([null, 'NOT_FOUND'])
  expect((await service.execute(MERITS, {}, as)).data.me.merits.nodes).toEqual([])
  const merits = /* GraphQL */ `query ($id: ID!) { user(id: $id) { deeds { name merits { totalCount nodes { id } } } } }`
  const { data, errors } = await service.execute(merits, { id: book.leila.globalId }, as)
  expect(errors).toBeUndefined()
  expect(data.user.deeds).toEqual([{ name: 'Reading', merits: { totalCount: 0, nodes: [] } }])

  const cleared = await service.execute(CLEAR, { id: recorded.data.recordEntry.entry.id }, as)
  expect(cleared.data.clearEntry).toEqual({ date: book.today, goals: [] })
  expect(await book.merits()).toMatchObject([{ completedOn: null, progress: { state: 'PENDING' } }])
})

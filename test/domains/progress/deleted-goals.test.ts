import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Book, CREATE_DEED, newBook, pages } from './book.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

const DELETE_MERIT = /* GraphQL */ `
  mutation DeleteMerit($input: DeleteMeritInput!) { deleteMerit(input: $input) { deletion { id kind label rowCount } } }`
const DELETE_TARGET = /* GraphQL */ `
  mutation DeleteTarget($input: DeleteTargetInput!) { deleteTarget(input: $input) { deletion { id kind label } } }`
const RESTORE = /* GraphQL */ `
  mutation Restore($input: RestoreInput!) {
    restore(input: $input) {
      restored { __typename id ... on Goal { completedOn items { target } } }
    }
  }`
const CREATE_TARGET = /* GraphQL */ `
  mutation CreateTarget($input: CreateTargetInput!) { createTarget(input: $input) { target { id version } } }`

async function newTarget(book: Book) {
  const items = [{ itemId: book.items.Quran, ...pages('3') }]
  const { data } = await book.ask(CREATE_TARGET, { input: { title: 'Both', durationDays: 5, items } })
  return data.createTarget.target
}

const refusal = (answer: { errors?: readonly { extensions: Record<string, unknown> }[] }) =>
  answer.errors?.[0]?.extensions

describe('deleting a goal', () => {
  test('TREE-4 it is listed among the deletions, and restored as it was, judged by the entries of today', async () => {
    const book = await newBook(service)
    const id = await book.newMerit({ durationDays: 5, items: [{ itemId: book.items.Quran, ...pages('3') }] })
    const stale = await book.ask(DELETE_MERIT, { input: { meritId: id, expectedVersion: 7 } })
    expect(refusal(stale)).toMatchObject({ reason: 'STALE_VERSION' })
    const { data } = await book.ask(DELETE_MERIT, { input: { meritId: id } })
    const { deletion } = data.deleteMerit
    expect(deletion).toMatchObject({ kind: 'GOAL', label: 'A goal', rowCount: 1 })
    expect(await book.merits()).toEqual([])
    expect(refusal(await book.ask(DELETE_MERIT, { input: { meritId: id } }))).toMatchObject({ code: 'NOT_FOUND' })
    expect((await book.record('Quran', 0, { count: '3' })).goals).toEqual([])
    const back = await book.ask(RESTORE, { input: { deletionId: deletion.id } })
    expect(back.data.restore.restored).toMatchObject({
      __typename: 'Merit',
      id,
      completedOn: book.today,
      items: [{ target: '3' }],
    })
  })

  test('TREE-4 a target comes back as a target', async () => {
    const book = await newBook(service)
    const target = await newTarget(book)
    const { data } = await book.ask(DELETE_TARGET, { input: { targetId: target.id, expectedVersion: target.version } })
    const back = await book.ask(RESTORE, { input: { deletionId: data.deleteTarget.deletion.id } })
    expect(back.data.restore.restored).toMatchObject({ __typename: 'Target', id: target.id })
  })
})

describe('the merits of a deed', () => {
  const MERITS_OF_DEEDS = /* GraphQL */ `
    query ($owner: ID!, $first: Int, $after: String) {
      user(id: $owner) {
        deeds { name merits(first: $first, after: $after) { totalCount nodes { title } pageInfo { hasNextPage endCursor } } }
      }
    }`

  test('they stand on their deed, the latest first, page by page', async () => {
    const book = await newBook(service)
    await book.ask(CREATE_DEED, { input: { category: 'HASANAAT', name: 'Prayers', measure: 'COUNT' } })
    const items = [{ itemId: book.items.Quran, ...pages('3') }]
    for (const [title, start] of [
      ['old', -3],
      ['new', 0],
      ['mid', -1],
    ] as const) {
      await book.newMerit({ title, startDate: addDays(book.today, start), durationDays: 5, items })
    }
    await newTarget(book)
    const read = async (variables: object) => {
      const { data } = await book.ask(MERITS_OF_DEEDS, { owner: book.leila.globalId, ...variables })
      return Object.fromEntries(
        data.user.deeds.map((deed: { name: string; merits: object }) => [deed.name, deed.merits]),
      )
    }
    const { Reading: first, Prayers: none } = await read({ first: 2 })
    expect(first).toMatchObject({
      totalCount: 3,
      nodes: [{ title: 'new' }, { title: 'mid' }],
      pageInfo: { hasNextPage: true },
    })
    expect(none).toMatchObject({ totalCount: 0, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } })
    const { errors, data } = await book.ask(
      /* GraphQL */ `query ($id: ID!, $after: String) { node(id: $id) { ... on Deed { merits(first: 2, after: $after) { nodes { title } } } } }`,
      { id: book.deedId, after: first.pageInfo.endCursor },
    )
    expect([errors, data.node.merits.nodes]).toEqual([undefined, [{ title: 'old' }]])
  })
})

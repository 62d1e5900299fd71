import { expect, test } from '@jest/globals'
import { buildSchema, type GraphQLResolveInfo, graphql } from 'graphql'
import { asksFor, asksOnly, type FieldTree } from '../../../src/platform/graphql/selection.ts'

const schema = buildSchema(`
  type Query { me: Account }
  type Account { id: ID email: String user: User }
  type User { id: ID entries: Entries }
  type Entries { nodes: [Entry] }
  type Entry { item: Item }
  type Item { id: ID name: String }
`)

/** What is asked below `me` in this document. */
async function below(document: string, variableValues = {}): Promise<GraphQLResolveInfo> {
  let seen: GraphQLResolveInfo | undefined
  const me = (_args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
    seen = info
    return null
  }
  const { errors } = await graphql({ schema, source: document, rootValue: { me }, variableValues })
  expect(errors).toBeUndefined()
  if (!seen) throw new Error('me was not asked')
  return seen
}

test.each([
  ['{ me { user { entries { nodes { item { id } } } } } }', true],
  ['{ me { someone: user { those: entries { nodes { it: item { id } } } } } }', true],
  [
    '{ me { ...A } } fragment A on Account { user { ...B } } fragment B on User { entries { nodes { ... { item { id } } } } }',
    true,
  ],
  ['{ me { id } me { user { entries { nodes { item { id } } } } } }', true],
  ['query Q($no: Boolean = false) { me { user { entries { nodes { item @include(if: $no) { id } } } } } }', true],
  ['{ me { user { id } } }', false],
  ['{ me { user { entries { nodes { __typename } } } } }', false],
])('what a document asks for is found by its path: %s', async (document, expected) => {
  const info = await below(document)
  expect(asksFor(info, 'user.entries.nodes.item')).toBe(expected)
  // The second time it is remembered.
  expect(asksFor(info, 'user.entries.nodes.item')).toBe(expected)
})

test.each([
  ['{ me { id user { entries { nodes { item { name } } } } } }', true],
  ['{ me { __typename user { __typename id } } }', true],
  ['{ me { id: email } }', false],
  ['{ me { user { id } } me { ...A } } fragment A on Account { email }', false],
  ['{ me { ... on Account { ...A } } } fragment A on Account { user { ...B } } fragment B on User { id }', true],
])('a document asks for nothing outside a tree of fields: %s', async (document, expected) => {
  const tree: FieldTree = { id: true, user: { id: true, entries: true } }
  expect(asksOnly(await below(document), tree)).toBe(expected)
})

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { buildSchema, getOperationAST, parse, validate } from 'graphql'
import { keptFields } from '../../../../src/kept-fields.ts'
import { toGlobalId } from '../../../../src/platform/graphql/global-ids.ts'
import { keepableOf, ownerIdOf } from '../../../../src/platform/graphql/kept/keepable.ts'

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
const look = keepableOf(schema, keptFields)

function keepable(text: string) {
  const document = parse(text)
  expect(validate(schema, document)).toEqual([])
  const operation = getOperationAST(document, 'Asked') ?? getOperationAST(document)
  if (!operation) throw new Error('no operation')
  return look(document, operation)
}

test.each([
  '{ me { user { dashboard { asOf totals { averageScore } deeds { deed { id name } } } } } }',
  '{ own: me { __typename id merits { nodes { progress { ratio } } pageInfo { hasNextPage } } } }',
  'query ($id: ID!) { user(id: $id) { entries { edges { cursor node { date notes item { path { name } } } } } } }',
  'query ($more: Boolean!) { me { user { ...Deeds @include(if: $more) } } } fragment Deeds on User { deeds { ...Deed } } fragment Deed on Deed { owner { today } }',
  '{ me { ... on Account { user { ... { deeds { name } } } } } }',
  'query Asked { me { user { today } } } query Other { me { email } }',
])('what is all of one owner’s may be kept: %s', (text) => {
  expect(keepable(text)).not.toBeNull()
})

test.each([
  ['a mutation', 'mutation { logOut { loggedOut } }'],
  ['two roots', '{ me { id } serverInfo { version } }'],
  ['two owners', '{ me { id } other: me { id } }'],
  ['a root that a variable leaves out', 'query ($it: Boolean!) { me @include(if: $it) { id } }'],
  ['a root in a fragment', '{ ...Root } fragment Root on Query { me { id } }'],
  ['a root that is typed', '{ __typename }'],
  ['any object', '{ node(id: "x") { id } }'],
  ['a preview', '{ previewAccess(relationId: "x") { deeds { name } } }'],
  ['a search', '{ search(text: "x") { totalCount } }'],
  ['permissions', '{ me { user { deeds { itemTree { viewerMay } } } } }'],
  ['who sees it', '{ me { user { deeds { itemTree { access { viewer { fullName } } } } } } }'],
  ['a relation', '{ user(id: "x") { relation { status } dashboard { totals { entryCount } } } }'],
  ['who recorded', '{ me { user { entries { nodes { recordedBy { fullName } } } } } }'],
  ['a history', '{ me { user { entries { nodes { history { nodes { changedAt } } } } } } }'],
  ['sessions', '{ me { sessions { lastUsedAt } } }'],
  ['an end by the clock', '{ me { todayEndsAt } }'],
  ['usage', '{ me { usage { entries { used } } } }'],
  ['messages', '{ me { unreadMessages } }'],
  [
    'what a fragment hides',
    '{ me { ...A } } fragment A on Account { user { ...B } } fragment B on User { relation { id } }',
  ],
  ['an interface', '{ me { ... on Node { id } } }'],
])('%s is not kept', (_what, text) => {
  expect(keepable(text)).toBeNull()
})

test('dashboards, statistics, streaks and progress are work however little they answer', () => {
  expect(keepable('{ me { user { today } } }')?.isWork).toBe(false)
  expect(keepable('{ me { user { deeds { name } } } }')?.isWork).toBe(false)
  expect(keepable('{ me { user { dashboard { asOf } } } }')?.isWork).toBe(true)
  expect(keepable('{ me { user { deeds { streak { asOf } } } } }')?.isWork).toBe(true)
})

test('an answer of what seldom changes alone is steady', () => {
  expect(
    keepable('{ me { user { deeds { name itemTree { path { name } } scales { values { name } } } } } }')?.isSteady,
  ).toBe(true)
  expect(keepable('{ me { settings { key value } } }')?.isSteady).toBe(true)
  expect(keepable('{ me { user { deeds { name itemTree { latestEntry { count } } } } } }')?.isSteady).toBe(false)
  expect(keepable('{ me { user { deeds { streak { asOf } } } } }')?.isSteady).toBe(false)
})

test('the owner is the viewer, or whom the id names', () => {
  const of = (text: string, variables = {}) => {
    const found = keepable(text)
    if (!found) throw new Error('not kept')
    return ownerIdOf(found.owner, '7', variables)
  }
  const id = toGlobalId('User', { userId: '12' })
  expect(of('{ me { id } }')).toBe('7')
  expect(of(`{ user(id: "${id}") { id } }`)).toBe('12')
  expect(of('query ($id: ID!) { user(id: $id) { id } }', { id })).toBe('12')
  for (const wrong of [undefined, null, 12, '', 'x', ['x'], toGlobalId('Account', { userId: '12' })])
    expect(of('query ($id: ID!) { user(id: $id) { id } }', { id: wrong })).toBeNull()
})

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { newUser, type TestPerson } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'
import { outcome } from '../identity/people.ts'

let service: TestService
let leila: TestPerson
let budi: TestPerson
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())
beforeEach(async () => {
  leila = await newUser(service.database, 'Leila')
  budi = await newUser(service.database, 'Budi')
})

const fields = 'id type name description metadata status isSensitive version createdAt updatedAt deletedAt'
const ask = (as: TestPerson, query: string, variables = {}) => service.execute(query, variables, { as })
const send = (name: string, input: object, as = leila) => {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
  const document = `mutation ($input: ${type}!) { answer: ${name}(input: $input) { resource { ${fields} } } }`
  return ask(as, document, { input })
}
const create = (input: object, as = leila) => send('createResource', { type: 'book', name: 'A name', ...input }, as)
async function created(input: object, as = leila) {
  const answer = await create(input, as)
  expect(answer.errors ?? []).toEqual([])
  return answer.data.answer.resource
}
const update = (resourceId: string, input: object, as = leila) => send('updateResource', { resourceId, ...input }, as)
const node = (id: string, as = leila) =>
  ask(as, `query ($id: ID!) { node(id: $id) { ... on Resource { ${fields} } } }`, { id })

async function list(variables: object = {}, as = leila) {
  const { data, errors } = await ask(
    as,
    `query ($filter: ResourceFilter, $orderBy: ResourceOrder, $first: Int, $after: String) {
      me { resources(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        nodes { ${fields} } pageInfo { hasNextPage endCursor } totalCount
      } }
    }`,
    variables,
  )
  return errors ? { errors } : data.me.resources
}
const names = async (variables: object = {}) => (await list(variables)).nodes.map(({ name }: { name: string }) => name)

test('RES-1 a resource is made, read, changed, deleted, and restored under its id', async () => {
  const metadata = { shelf: { row: 3 }, topics: ['fiqh', null, 1.5], ب: true }
  const resource = await created({ name: ' Riyad ', description: 'Gardens', metadata })
  expect(resource).toMatchObject({
    type: 'book',
    name: 'Riyad',
    description: 'Gardens',
    metadata,
    status: 'ACTIVE',
    isSensitive: false,
    version: 1,
    deletedAt: null,
  })
  const { id } = resource
  expect((await node(id)).data.node).toEqual(resource)
  const changed = (await update(id, { description: null, status: 'ARCHIVED' })).data.answer.resource
  expect(changed).toMatchObject({ name: 'Riyad', description: null, metadata, status: 'ARCHIVED', version: 2 })
  expect((await update(id, { name: 'Riyad', metadata })).data.answer.resource).toMatchObject({ version: 2 })
  const { data } = await send('deleteResource', { resourceId: id, expectedVersion: 2 })
  expect(data.answer.resource).toMatchObject({ id, version: 3, deletedAt: expect.any(String) })
  expect(outcome(await node(id))).toBe('NOT_FOUND')
  expect(await names()).toEqual([])
  expect(await names({ filter: { isDeleted: true } })).toEqual(['Riyad'])
  for (const name of ['updateResource', 'deleteResource'])
    expect(outcome(await send(name, { resourceId: id }))).toBe('NOT_FOUND')
  expect((await send('restoreResource', { resourceId: id })).data.answer.resource).toMatchObject({
    id,
    metadata,
    version: 4,
    deletedAt: null,
  })
  expect(outcome(await send('restoreResource', { resourceId: id }))).toBe('NOT_FOUND')
})

test('long lists in the metadata are one value: what is too large is told so, and costs no rows', async () => {
  const { metadata } = await created({ metadata: { pages: Array(20_000).fill(1) } })
  expect(metadata.pages).toHaveLength(20_000)
  expect(outcome(await create({ metadata: { pages: Array(40_000).fill(1) } }))).toBe('BAD_USER_INPUT INVALID_VARIABLE')
})

test('ENT-8 a stale version is refused with the current one', async () => {
  const { id } = await created({})
  const refused = await update(id, { name: 'Other', expectedVersion: 2 })
  expect(refused.errors?.[0]?.extensions).toMatchObject({
    code: 'CONFLICT',
    reason: 'STALE_VERSION',
    currentVersion: 1,
  })
  expect(outcome(await send('deleteResource', { resourceId: id, expectedVersion: 3 }))).toBe('CONFLICT STALE_VERSION')
  const both = ['x', 'y'].map((name) => update(id, { name, expectedVersion: 1 }))
  expect((await Promise.all(both)).map(outcome).sort()).toEqual(['CONFLICT STALE_VERSION', 'ok'])
})

test('SHA-8 another’s resource does not exist', async () => {
  const { id } = await created({ name: 'Mine', metadata: { a: 1 } })
  expect(outcome(await node(id, budi))).toBe('NOT_FOUND')
  expect(outcome(await update(id, { name: 'Theirs' }, budi))).toBe('NOT_FOUND')
  expect((await list({ filter: { metadata: { path: ['a'], value: 1 } } }, budi)).nodes).toEqual([])
  expect((await list({ filter: { text: 'mine' } }, budi)).nodes).toEqual([])
})

test('RES-1 filters: type, status, when it was made, a value in the metadata, and text', async () => {
  await created({ type: 'book', name: 'one', metadata: { shelf: { row: 3 }, topics: ['fiqh', 'adab'] } })
  await created({ type: 'place', name: 'two', status: 'DRAFT', metadata: { shelf: { row: '3' }, open: true } })
  await created({
    type: 'book',
    name: 'three',
    description: 'كِتَابُ الصَّلَاةِ',
    metadata: { shelf: { row: 3, side: 'left' } },
  })
  const found = (filter: object) => names({ filter, orderBy: 'CREATED_ASC' })
  expect(await found({ types: ['book'] })).toEqual(['one', 'three'])
  expect(await found({ types: ['place', 'book'], statuses: ['DRAFT'] })).toEqual(['two'])
  const at = (path: string[], value: unknown) => found({ metadata: { path, value } })
  expect(await at(['shelf', 'row'], 3)).toEqual(['one', 'three'])
  expect(await at(['shelf', 'row'], '3')).toEqual(['two'])
  expect(await at(['shelf'], { row: 3, side: 'left' })).toEqual(['three'])
  expect(await at(['topics'], ['adab'])).toEqual(['one'])
  expect(await at(['open'], true)).toEqual(['two'])
  expect(await at(['__proto__'], 1)).toEqual([])
  expect(await found({ text: 'كتاب' })).toEqual(['three'])
  expect(await found({ text: 'two', types: ['book'] })).toEqual([])
  const [, two] = (await list({ orderBy: 'CREATED_ASC' })).nodes
  expect(await found({ createdFrom: two.createdAt })).toEqual(['two', 'three'])
  expect(await found({ createdUntil: two.createdAt })).toEqual(['one'])
})

test('pages follow each order, to the end, and a cursor is of its list alone', async () => {
  const made = ['c', 'a', 'd', 'b', 'e']
  for (const name of made) await created({ name })
  await update((await list({ orderBy: 'CREATED_ASC' })).nodes[0].id, { status: 'DRAFT' })
  const expected = {
    CREATED_DESC: made.toReversed(),
    CREATED_ASC: made,
    NAME_ASC: made.toSorted(),
    UPDATED_DESC: ['c', 'e', 'b', 'd', 'a'],
  }
  for (const [orderBy, all] of Object.entries(expected)) {
    const seen: string[] = []
    for (let after: string | null = null; ; ) {
      const page = await list({ orderBy, first: 2, after })
      seen.push(...page.nodes.map(({ name }: { name: string }) => name))
      expect(page.totalCount).toBe(5)
      after = page.pageInfo.endCursor
      if (!page.pageInfo.hasNextPage) break
    }
    expect([orderBy, seen]).toEqual([orderBy, all])
  }
  const { pageInfo } = await list({ first: 2 })
  const other = await list({ first: 2, after: pageInfo.endCursor, filter: { types: ['book'] } })
  expect(other.errors[0].extensions.reason).toBe('INVALID_CURSOR')
})

test('search finds names and descriptions, as one’s own', async () => {
  await created({ name: 'Lantern', description: 'It hangs beside the window' })
  const query = (text: string) =>
    ask(leila, `{ search(text: "${text}", in: [RESOURCE]) { nodes { kind node { ... on Resource { name } } } } }`)
  const { data } = await query('hanging windows')
  expect(data.search.nodes).toEqual([{ kind: 'RESOURCE', node: { name: 'Lantern' } }])
})

test('what is sensitive is read by its owner, and neither stored as it is, nor found, nor told', async () => {
  const secret = {
    name: 'Safe',
    description: 'zanzibar lies below',
    metadata: { code: 'zanzibar 7' },
    isSensitive: true,
  }
  const resource = await created(secret)
  expect(resource).toMatchObject(secret)
  const stored = async () => {
    const { rows } = await service.database.admin.query(
      'select r::text as row from resources as r where user_id = $1',
      [leila.userId],
    )
    return rows.map(({ row }) => row).join()
  }
  expect(await stored()).not.toContain('zanzibar')
  expect(await names({ filter: { text: 'zanzibar' } })).toEqual([])
  expect(await names({ filter: { text: 'safe' } })).toEqual([])
  expect(await names({ filter: { metadata: { path: ['code'], value: 'zanzibar 7' } } })).toEqual([])
  const unchanged = await update(resource.id, { metadata: { code: 'zanzibar 7' } })
  expect(unchanged.data.answer.resource).toMatchObject({ version: 1 })
  const changed = await update(resource.id, { metadata: { code: 'zanzibar 8' } })
  expect(changed.data.answer.resource).toMatchObject({ ...secret, metadata: { code: 'zanzibar 8' }, version: 2 })
  const events = await ask(leila, '{ me { auditLog { nodes { changed oldValues newValues } } } }')
  expect(events.response.body).not.toContain('zanzibar')
  const opened = await update(resource.id, { isSensitive: false })
  expect(opened.data.answer.resource).toMatchObject({ description: secret.description, isSensitive: false })
  expect(await names({ filter: { text: 'zanzibar' } })).toEqual(['Safe'])
  await update(resource.id, { isSensitive: true })
  expect(await stored()).not.toContain('zanzibar')
  expect(await names({ filter: { text: 'zanzibar' } })).toEqual([])
})

test('a cipher text that was put into another row does not open there', async () => {
  const { id } = await created({ metadata: { code: 1 }, isSensitive: true })
  const other = await created({ metadata: { code: 2 }, isSensitive: true })
  await service.database.admin.query(
    `update resources set ciphertext = (select ciphertext from resources where user_id = $1 order by resource_id limit 1)
     where user_id = $1`,
    [leila.userId],
  )
  expect((await node(id)).data.node.metadata).toEqual({ code: 1 })
  const answer = await node(other.id)
  expect(answer.data.node.metadata).toBeNull()
  expect(outcome(answer)).toBe('UNAVAILABLE')
})

test.each<[string, object, string]>([
  ['no name', { name: ' ' }, 'BAD_USER_INPUT INVALID_TEXT'],
  ['too long a type', { type: 'x'.repeat(51) }, 'BAD_USER_INPUT INVALID_TEXT'],
  ['metadata that are a list', { metadata: [] }, 'BAD_USER_INPUT INVALID_VARIABLE'],
  ['metadata too deep', { metadata: { a: [[[[[[[[1]]]]]]]] } }, 'BAD_USER_INPUT INVALID_VARIABLE'],
  ['digits without end', { metadata: { a: Array(2_000).fill(1e300) } }, 'BAD_USER_INPUT OUT_OF_RANGE'],
])('%s is refused', async (_what, input, expected) => {
  expect(outcome(await create(input))).toBe(expected)
})

test.each<[string, object, string]>([
  ['a path of nothing', { metadata: { path: [], value: 1 } }, 'OUT_OF_RANGE'],
  ['a path of nine', { metadata: { path: Array(9).fill('a'), value: 1 } }, 'OUT_OF_RANGE'],
  ['NUL in a path', { metadata: { path: ['a\u0000'], value: 1 } }, 'INVALID_TEXT'],
  ['no type', { types: [] }, 'EMPTY_LIST'],
  [
    'a range that ends before it begins',
    { createdFrom: '2026-01-02T00:00:00+02:00', createdUntil: '2026-01-01T21:00:00Z' },
    'RANGE_REVERSED',
  ],
  ['too many types', { types: Array(21).fill('a') }, 'TOO_MANY'],
])('a filter with %s is refused', async (_what, filter, reason) => {
  expect((await list({ filter })).errors[0].extensions.reason).toBe(reason)
})

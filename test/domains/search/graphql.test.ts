import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { allScopes } from '../../../src/domains/identity/rules.ts'
import { toGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedsWorld, itemIdOf, refusalOf } from '../../support/deeds.ts'

let world: DeedsWorld
let leila: Viewer
let budi: Viewer
let deedId: string
let items: Record<string, string>
let count = 0
beforeAll(async () => {
  world = await deedsWorld()
})
afterAll(() => world.stop())

const CREATE_DEED = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) { createDeed(input: $input) { deed { id itemTree { id name } } } }`
const RECORD = /* GraphQL */ `
  mutation Record($input: RecordEntryInput!) { recordEntry(input: $input) { entry { id } } }`
const SEARCH = /* GraphQL */ `
  query Search($text: String!, $in: [SearchScope!], $first: Int, $after: String) {
    search(text: $text, in: $in, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { cursor }
      nodes {
        kind
        owner { fullName }
        node { __typename id ... on Deed { name description } ... on DeedItem { name path { name } } ... on Entry { date notes item { name } } }
        fragments { text isMatch }
      }
    }
  }`

const LEAN = /* GraphQL */ `
  query Lean($text: String!, $in: [SearchScope!]) { search(text: $text, in: $in) { totalCount nodes { kind } } }`

beforeEach(async () => {
  count += 1
  leila = { ...(await world.newPerson(`leila-${count}`)), scopes: allScopes }
  budi = { ...(await world.newPerson(`budi-${count}`)), scopes: allScopes }
  const input = {
    category: 'HASANAAT',
    measure: 'COUNT',
    name: 'Prayer',
    description: 'A secret of mine',
    items: [{ name: 'Fajr', description: 'The prayer at dawn', children: [{ name: 'Sunnah' }] }, { name: 'Isha' }],
  }
  const { data } = await world.ask(leila, CREATE_DEED, { input })
  deedId = data.createDeed.deed.id
  items = Object.fromEntries(
    data.createDeed.deed.itemTree.map((item: { id: string; name: string }) => [item.name, item.id]),
  )
})

async function record(name: string, date: string, notes: string) {
  const input = { itemId: items[name], date, count: 1, notes }
  expect((await world.ask(leila, RECORD, { input })).errors).toBeUndefined()
}

async function search(as: Viewer, text: string, more: Record<string, unknown> = {}) {
  const { data, errors } = await world.ask(as, SEARCH, { text, ...more })
  expect(errors).toBeUndefined()
  return data.search
}

interface Found {
  readonly fragments: readonly { text: string; isMatch: boolean }[]
}
const marked = ({ fragments }: Found) => fragments.map(({ text, isMatch }) => (isMatch ? `[${text}]` : text)).join('')

test('one’s own deeds, items and notes are found, the best first, with the words as they were written', async () => {
  await record('Fajr', '2026-01-01', 'صَلَاةُ الفَجْر — the Prayer in the mosque')
  const { nodes, totalCount, pageInfo } = await search(leila, 'prayer')
  expect(
    nodes.map(({ kind, node }: { kind: string; node: { __typename: string } }) => [kind, node.__typename]),
  ).toEqual([
    ['DEED', 'Deed'],
    ['DEED_ITEM', 'DeedItem'],
    ['NOTE', 'Entry'],
  ])
  expect({ totalCount, pageInfo }).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: false } })
  expect(nodes.map(marked)).toEqual(['[Prayer]', 'The [prayer] at dawn', 'صَلَاةُ الفَجْر — the [Prayer] in the mosque'])
  expect(nodes[2].node).toMatchObject({ date: '2026-01-01', item: { name: 'Fajr' } })
  expect(nodes[0].owner).toEqual({ fullName: `leila-${count}` })
  for (const text of ['صلاة فجر', 'الصَّلَاةُ']) {
    const [found] = (await search(leila, text)).nodes
    expect(marked(found)).toContain('[صَلَاةُ]')
  }
})

test('SHA-6 one’s own journal and letters are found, and nobody else’s', async () => {
  const write = 'mutation ($input: WriteReflectionInput!) { writeReflection(input: $input) { reflection { id } } }'
  const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }'
  const wrote = await world.ask(leila, write, { input: { type: 'GENERAL', message: 'الصَّبْرُ — patience at work' } })
  const sent = await world.ask(leila, send, { input: { content: 'Patience! The page is slow' } })
  const { nodes } = await search(leila, 'patience')
  const places = nodes.map(({ kind, node }: { kind: string; node: { id: string } }) => [kind, node.id])
  expect(new Map(places)).toEqual(
    new Map([
      ['REFLECTION', wrote.data.writeReflection.reflection.id],
      ['MESSAGE', sent.data.sendMessage.message.id],
    ]),
  )
  expect(nodes.map(marked).sort()).toEqual(['[Patience]! The page is slow', 'الصَّبْرُ — [patience] at work'])
  expect((await search(leila, 'صبر')).totalCount).toBe(1)
  await world.befriend(leila, budi)
  await world.grant(leila, budi, itemIdOf(items.Fajr ?? ''), { notes: true })
  await world.sql("update users set role = 'support' where user_id = $1", [budi.userId])
  expect((await search({ ...budi, role: 'support' }, 'patience')).totalCount).toBe(0)
})

test('pages follow each other by keyset, whatever is written meanwhile', async () => {
  for (let day = 1; day <= 9; day += 1) await record('Fajr', `2026-01-0${day}`, `calm ${day}`)
  const seen: string[] = []
  let after: string | null = null
  for (let page = 0; page < 5; page += 1) {
    const { nodes, pageInfo, totalCount } = await search(leila, 'calm', { first: 2, after })
    expect(totalCount).toBe(page === 0 ? 9 : 10)
    seen.push(...nodes.map(({ node }: { node: { date: string } }) => node.date))
    // It comes before the pages that are still to be read.
    if (page === 0) await record('Fajr', '2026-02-01', 'calm, and more')
    after = pageInfo.endCursor
    expect(pageInfo.hasNextPage).toBe(page < 4)
  }
  expect(seen).toEqual(Array.from({ length: 9 }, (_, index) => `2026-01-0${9 - index}`))
  const { pageInfo } = await search(leila, 'calm', { first: 2 })
  expect(refusalOf(await world.ask(leila, SEARCH, { text: 'other', after: pageInfo.endCursor }))).toMatchObject({
    reason: 'INVALID_CURSOR',
  })
  expect(refusalOf(await world.ask(leila, SEARCH, { text: 'calm', first: 101 }))).toMatchObject({
    reason: 'INVALID_PAGE_SIZE',
  })
})

test('SHA-6 SHA-8 what is shared is found as it is seen, notes where they are shared, and nothing tells of the rest', async () => {
  await record('Fajr', '2026-01-01', 'secret tears')
  await record('Isha', '2026-01-01', 'secret tears')
  await world.befriend(leila, budi)
  expect(await search(budi, 'prayer')).toMatchObject({ totalCount: 0, nodes: [] })
  await world.grant(leila, budi, itemIdOf(items.Sunnah ?? ''))
  const seen = async (text: string) => (await search(budi, text)).nodes.map(({ node }: { node: object }) => node)
  expect(await seen('prayer or sunnah or isha')).toEqual([
    { __typename: 'DeedItem', id: items.Sunnah, name: 'Sunnah', path: [{ name: 'Sunnah' }] },
    { __typename: 'Deed', id: deedId, name: 'Prayer', description: null },
  ])
  expect(await search(budi, 'secret')).toMatchObject({ totalCount: 0, nodes: [] })
  await world.grant(leila, budi, itemIdOf(items.Fajr ?? ''))
  expect(await search(budi, 'secret')).toMatchObject({ totalCount: 0, nodes: [] })
  await world.grant(leila, budi, itemIdOf(items.Isha ?? ''), { notes: true })
  const { nodes, totalCount } = await search(budi, 'secret')
  expect(totalCount).toBe(1)
  expect(nodes.map(marked)).toEqual(['[secret] tears'])
  expect(nodes[0].owner).toEqual({ fullName: `leila-${count}` })
})

test('a token searches what its scopes reach, and is told which it lacks', async () => {
  await record('Fajr', '2026-01-01', 'a prayer')
  const reader = { ...leila, scopes: ['ACCOUNT_READ', 'DEEDS_READ'] }
  const { data } = await world.ask(reader, LEAN, { text: 'prayer' })
  expect(data.search).toEqual({ totalCount: 2, nodes: [{ kind: 'DEED' }, { kind: 'DEED_ITEM' }] })
  const refused = await world.ask(reader, LEAN, { text: 'prayer', in: ['DEED', 'NOTE'] })
  expect(refused.errors?.[0]?.extensions).toMatchObject({
    code: 'FORBIDDEN',
    reason: 'MISSING_SCOPE',
    scopes: ['ENTRIES_READ'],
  })
  expect(refused.data).toBeNull()
})

test('it searches where it is told to', async () => {
  await record('Fajr', '2026-01-01', 'a prayer')
  const among = async (kinds: string[]) => {
    const { nodes } = await search(leila, 'prayer', { in: kinds })
    return nodes.map(({ kind }: { kind: string }) => kind)
  }
  expect(await among(['NOTE'])).toEqual(['NOTE'])
  expect(await among(['NOTE', 'DEED', 'DEED'])).toEqual(['DEED', 'NOTE'])
  expect(refusalOf(await world.ask(leila, LEAN, { text: 'prayer', in: [] }))).toMatchObject({ field: 'in' })
})

test('nothing to search for is said so, and nobody who is not signed in searches', async () => {
  for (const text of ['', ' ', '"', "' & | ! <-> :*", 'x'.repeat(201)])
    expect(refusalOf(await world.ask(leila, LEAN, { text }))).toEqual({
      code: 'BAD_USER_INPUT',
      reason: 'INVALID_TEXT',
      field: 'text',
    })
  for (const text of ['the', "o'clock & | !", '-prayer', '-', 'a "b', '\\', '%', 'or', '(((x'])
    if (/\w/.test(text)) expect((await world.ask(leila, LEAN, { text })).errors).toBeUndefined()
  const { errors } = await world.service.execute(LEAN, { text: 'prayer' })
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' })
})

test('a long note is shown by an excerpt around what was found', async () => {
  await record('Fajr', '2026-01-01', `${'word '.repeat(300)}prayer ${'word '.repeat(300)}`)
  const [found] = (await search(leila, 'prayer', { in: ['NOTE'] })).nodes
  expect(marked(found)).toMatch(/^… (word )+\[prayer\] (word )+…$/)
  expect(marked(found).length).toBeLessThan(210)
})

test('a search waits on no other read, and takes as many statements for a page as for one result', async () => {
  for (let day = 1; day <= 9; day += 1) await record('Fajr', `2026-01-0${day}`, `calm ${day}`)
  const statements = async (first: number) => {
    const { flights } = await world.ask(leila, SEARCH, { text: 'calm', first })
    return flights.reduce((sum, flight) => sum + flight.statements, 0)
  }
  expect(await statements(9)).toBe(await statements(1))
})

test('it costs what a search costs, whatever it answers', async () => {
  const costOf = async (document: string) => {
    const { response } = await world.service.execute(document, {}, { as: leila })
    return Number(/"?r=(\d+)|(\d+)/.exec(String(response.headers.ratelimit))?.[1])
  }
  const before = await costOf('{ me { id } }')
  const after = await costOf('{ search(text: "prayer", first: 1) { totalCount } }')
  expect(before - after).toBe(51)
})

test('a document names a node by its own id', async () => {
  const [found] = (await search(leila, 'isha')).nodes
  expect(found.node.id).toBe(toGlobalId('DeedItem', { ownerId: leila.userId, itemId: itemIdOf(items.Isha ?? '') }))
})

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedsWorld, itemIdOf, refusalOf } from '../../support/deeds.ts'

let world: DeedsWorld
let leila: Viewer
let budi: Viewer
let count = 0
beforeAll(async () => {
  world = await deedsWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newPerson(`leila-${count}`)
  budi = await world.newPerson(`budi-${count}`)
})

const CREATE_DEED = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) { createDeed(input: $input) { deed { id itemTree { id name } } } }`
const RELATIONS = /* GraphQL */ `
  query Relations($status: RelationStatus) {
    me {
      relations(status: $status) {
        totalCount
        nodes {
          id direction status sentTo respondedAt
          requester { fullName }
          requestee { fullName }
          permissions { id type includesDescendants sharesNotes backfillDays versionNumber item { name } relation { id } }
        }
      }
    }
  }`
const PERSON = /* GraphQL */ `
  query Person($id: ID!) {
    user(id: $id) {
      fullName
      relation { direction status }
      deeds {
        id name description displayOrder isHidden version itemCount
        owner { fullName }
        items { name level parent { name } path { name } viewerMay children { name level parentId viewerMay deed { name } } }
      }
    }
  }`
const NODES = /* GraphQL */ `
  query Nodes($ids: [ID!]!) {
    nodes(ids: $ids) { __typename id ... on DeedItem { name level parentId deed { name } } ... on Deed { name description } }
  }`

const userId = (viewer: Viewer) => Buffer.from(`User:${viewer.userId}`).toString('base64url')

/** Leila's prayers: Fajr > Sunnah, Isha. Global ids by name. */
async function prayers(): Promise<Record<string, string>> {
  const items = [{ name: 'Fajr', children: [{ name: 'Sunnah' }] }, { name: 'Isha' }]
  const input = { category: 'HASANAAT', measure: 'COUNT', name: 'Prayer', description: 'Mine', items }
  const { data } = await world.ask(leila, CREATE_DEED, { input })
  const { id, itemTree } = data.createDeed.deed
  return Object.fromEntries([
    ['Prayer', id],
    ...itemTree.map((item: { id: string; name: string }) => [item.name, item.id]),
  ])
}

test('both sides of an accepted relation see each other, and what is granted', async () => {
  const ids = await prayers()
  await world.befriend(leila, budi)
  await world.grant(leila, budi, itemIdOf(ids.Fajr ?? ''), { write: true, notes: true })
  const seen = async (viewer: Viewer) => {
    const { data, errors } = await world.ask(viewer, RELATIONS)
    expect(errors).toBeUndefined()
    return data.me.relations
  }
  const permission = {
    id: expect.any(String),
    type: 'WRITE',
    includesDescendants: true,
    sharesNotes: true,
    backfillDays: 7,
    versionNumber: 1,
    item: { name: 'Fajr' },
    relation: { id: expect.any(String) },
  }
  const people = { requester: { fullName: `budi-${count}` }, requestee: { fullName: `leila-${count}` } }
  const both = {
    id: expect.any(String),
    status: 'ACCEPTED',
    respondedAt: expect.any(String),
    permissions: [permission],
    ...people,
  }
  expect(await seen(leila)).toEqual({ totalCount: 1, nodes: [{ ...both, direction: 'RECEIVED', sentTo: null }] })
  expect(await seen(budi)).toEqual({
    totalCount: 1,
    nodes: [{ ...both, direction: 'SENT', sentTo: 'somebody@kitaab.example' }],
  })
})

test('SHA-1 a declined relation shows the requester to nobody, and looks pending to them', async () => {
  await world.sql(`insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, 'leila')`, [
    leila.userId,
    budi.userId,
  ])
  await world.sql(`update relations set status = 'declined' where requester_id = $1`, [budi.userId])
  const declined = await world.ask(leila, RELATIONS, { status: 'DECLINED' })
  expect(declined.errors).toBeUndefined()
  expect(declined.data.me.relations.nodes).toMatchObject([
    { status: 'DECLINED', requester: null, requestee: { fullName: `leila-${count}` } },
  ])
  const sent = await world.ask(budi, RELATIONS)
  expect(sent.data.me.relations.nodes).toMatchObject([
    { status: 'PENDING', respondedAt: null, requestee: null, sentTo: 'leila' },
  ])
})

test('SHA-6 a friend sees the shared branch alone, from its top', async () => {
  const ids = await prayers()
  await world.befriend(leila, budi)
  await world.grant(leila, budi, itemIdOf(ids.Fajr ?? ''), { write: true })
  await world.grant(leila, budi, itemIdOf(ids.Sunnah ?? ''))
  const { data, errors, flights } = await world.ask(budi, PERSON, { id: userId(leila) })
  expect(errors).toBeUndefined()
  expect(data.user).toEqual({
    fullName: `leila-${count}`,
    relation: { direction: 'SENT', status: 'ACCEPTED' },
    deeds: [
      {
        id: ids.Prayer,
        name: 'Prayer',
        description: null,
        displayOrder: 0,
        isHidden: false,
        version: 1,
        itemCount: 2,
        owner: { fullName: `leila-${count}` },
        items: [
          {
            name: 'Fajr',
            level: 1,
            parent: null,
            path: [{ name: 'Fajr' }],
            viewerMay: ['READ', 'RECORD'],
            children: [
              { name: 'Sunnah', level: 2, parentId: ids.Fajr, viewerMay: ['READ', 'RECORD'], deed: { name: 'Prayer' } },
            ],
          },
        ],
      },
    ],
  })
  // The person; the relation and the deeds; the tree; what the viewer may with each item, and the deed of an item.
  expect(flights.length).toBeLessThanOrEqual(5)
  const own = await world.ask(leila, PERSON, { id: userId(leila) })
  expect(own.data.user).toMatchObject({ relation: null, deeds: [{ description: 'Mine', itemCount: 3 }] })
  expect(own.data.user.deeds[0].items[0].viewerMay).toEqual(['READ', 'RECORD', 'EDIT', 'SHARE'])
})

test('SES-4 whoever has not confirmed their address yet is not told that they may share', async () => {
  const ids = await prayers()
  const mayWith = async () =>
    (await world.ask(leila, 'query ($id: ID!) { node(id: $id) { ... on DeedItem { viewerMay } } }', { id: ids.Fajr }))
      .data.node.viewerMay
  await world.sql('update users set email_verified = false where user_id = $1', [leila.userId])
  expect(await mayWith()).toEqual(['READ', 'RECORD', 'EDIT'])
  await world.sql('update users set email_verified = true where user_id = $1', [leila.userId])
  expect(await mayWith()).toEqual(['READ', 'RECORD', 'EDIT', 'SHARE'])
})

test('SHA-8 by their ids, what is not shared is null, and what is shared is no more than that', async () => {
  const ids = await prayers()
  await world.befriend(leila, budi)
  await world.grant(leila, budi, itemIdOf(ids.Sunnah ?? ''))
  const { data } = await world.ask(budi, NODES, { ids: [ids.Sunnah, ids.Fajr, ids.Isha, ids.Prayer] })
  expect(data.nodes).toEqual([
    { __typename: 'DeedItem', id: ids.Sunnah, name: 'Sunnah', level: 1, parentId: null, deed: { name: 'Prayer' } },
    null,
    null,
    { __typename: 'Deed', id: ids.Prayer, name: 'Prayer', description: null },
  ])
  const stranger = await world.newPerson(`stranger-${count}`)
  const nothing = await world.ask(stranger, NODES, { ids: Object.values(ids) })
  expect(nothing.data.nodes).toEqual([null, null, null, null])
  expect(refusalOf(await world.ask(stranger, PERSON, { id: userId(leila) }))).toEqual({
    code: 'NOT_FOUND',
    field: 'id',
  })
})

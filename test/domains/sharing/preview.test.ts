import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Sharer, type SharingWorld, sharingWorld } from '../../support/sharing.ts'
import { outcome } from '../identity/people.ts'

let world: SharingWorld
let leila: Sharer
let budi: Sharer
let relationId: string
let items: Awaited<ReturnType<SharingWorld['prayers']>>
beforeAll(async () => {
  world = await sharingWorld({ limits: { cost: 1e9, viewerCostPerMinute: 1e12 } })
})
afterAll(() => world.stop())
beforeEach(async () => {
  leila = await world.newPerson('Leila')
  budi = await world.newPerson('Budi')
  relationId = await world.befriend(budi, leila)
  items = await world.prayers(leila)
})

/** Every field below `User`, and of what is below that. */
const everything = `
  id username fullName today
  relation { id direction status sentTo respondedAt requester { id fullName } requestee { id }
    permissions { id type includesDescendants sharesNotes backfillDays isEffective item { name } relation { id } }
    pastPermissions { totalCount } }
  deeds(includeHidden: true) {
    id category name description measure unit displayOrder isHidden version createdAt updatedAt itemCount owner { id fullName }
    merits { totalCount } scale { id values { id name } } scales { id }
    statistics { entryCount countTotal } streak { current { length } }
    itemTree {
      id name description level parentId isPrivate displayOrder viewerMay access { viewer { id } } path { id }
      entry { id } latestEntry { id notes recordedBy { id fullName } }
      entries { totalCount nodes { id count notes recordedBy { id fullName } history { nodes { id changedBy { id } newValue { count notes } } } } }
      statistics { entryCount countTotal }
    }
  }
  entries { totalCount nodes { id date count notes owner { id } item { name } recordedBy { id fullName } } }
  dashboard { totals { category entryCount } deeds { deed { name } entryCount } items { item { name } countTotal } series { category points { date entryCount } } }
`
const record = (as: Sharer, itemId: string, input: object = {}) =>
  world.send(as, 'recordEntry', 'entry { id }', { itemId, count: '1', ...input })
const preview = (as: Sharer, id: string, fields: string) =>
  world.ask(as, `query ($id: ID!) { previewAccess(relationId: $id) { ${fields} } }`, { id })

async function shareSome() {
  const { data } = await world.grant(leila, relationId, [{ itemId: items.Fajr, type: 'WRITE' }])
  await record(leila, items.Fajr, { count: '3', notes: 'mine alone' })
  await record(leila, items.Isha, { count: '7' })
  await record(budi, items.Sunnah, { count: '2' })
  return data.answer.permissions[0].id
}

test('SHA-6 the owner sees themself exactly as the other side does', async () => {
  await shareSome()
  const asBudi = await world.ask(budi, `query ($id: ID!) { user(id: $id) { ${everything} } }`, { id: leila.globalId })
  const asPreviewed = await preview(leila, relationId, everything)
  expect(asBudi.errors).toBeUndefined()
  expect(asPreviewed.errors).toBeUndefined()
  expect(asPreviewed.data.previewAccess).toEqual(asBudi.data.user)
  const { deeds, entries } = asPreviewed.data.previewAccess
  expect(deeds[0].itemTree.map(({ name }: { name: string }) => name)).toEqual(['Fajr', 'Sunnah'])
  expect(entries.nodes.map(({ notes }: { notes: string | null }) => notes)).toEqual([null, null])
  // As themself, they see it all.
  const own = await world.ask(leila, `query ($id: ID!) { user(id: $id) { ${everything} } }`, { id: leila.globalId })
  expect(own.data.user.entries.totalCount).toBe(3)
})

test('SHA-9 a preview shows what holds now', async () => {
  const permissionId = await shareSome()
  await world.revoke(leila, [permissionId])
  expect((await preview(leila, relationId, 'deeds { id } entries { totalCount }')).data.previewAccess).toEqual({
    deeds: [],
    entries: { totalCount: 0 },
  })
})

test('SHA-8 a preview never shows what the other one owns, nor whom they know', async () => {
  await shareSome()
  const theirs = await world.prayers(budi)
  await record(budi, theirs.Isha, { notes: 'of Budi' })
  const maryam = await world.newPerson('Maryam')
  const hers = await world.befriend(budi, maryam)
  const pages = await world.prayers(maryam)
  await world.grant(maryam, hers, [{ itemId: pages.Isha, type: 'READ' }])
  // And what Budi shares with Leila is no part of what he sees of her.
  const his = await world.befriend(leila, budi)
  await world.grant(budi, his, [{ itemId: theirs.Fajr, type: 'READ', sharesNotes: true }])
  const person =
    'id deeds(includeHidden: true) { id } entries { totalCount } relation { id } dashboard { deeds { entryCount } }'
  const { data, errors } = await preview(
    leila,
    relationId,
    `relation { requester { ${person} } permissions { relation { requester { ${person} } } } }
     entries { nodes { recordedBy { ${person} } } }`,
  )
  expect(errors).toBeUndefined()
  const nobody = { id: budi.globalId, deeds: [], entries: { totalCount: 0 }, relation: null, dashboard: { deeds: [] } }
  expect(data.previewAccess.relation.requester).toEqual(nobody)
  expect(data.previewAccess.relation.permissions[0].relation.requester).toEqual(nobody)
  const recorders = data.previewAccess.entries.nodes.map(({ recordedBy }: { recordedBy: unknown }) => recordedBy)
  expect(recorders).toContainEqual(nobody)
})

test('ids below a preview of one’s own deeds, items and entries work as ever; that of the relation is the other’s', async () => {
  await shareSome()
  const { data } = await preview(leila, relationId, 'relation { id } deeds { id itemTree { id latestEntry { id } } }')
  const [deed] = data.previewAccess.deeds
  const ids = [deed.id, deed.itemTree[0].id, deed.itemTree[0].latestEntry.id, data.previewAccess.relation.id]
  const found = await world.ask(leila, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids })
  expect(found.data.nodes).toEqual([...ids.slice(0, 3).map((id: string) => ({ id })), null])
})

test('a preview is the owner’s alone, of an accepted relation', async () => {
  const [sent] = await world.listed(budi, 'SENT')
  const stranger = await world.newPerson('Stranger')
  expect(outcome(await preview(budi, relationId, 'id'))).toBe('NOT_FOUND')
  expect(outcome(await preview(budi, sent.id, 'id'))).toBe('NOT_FOUND')
  expect(outcome(await preview(stranger, relationId, 'id'))).toBe('NOT_FOUND')
  await world.request(stranger, leila.username)
  const [pending] = await world.listed(leila, 'RECEIVED', 'PENDING')
  expect(outcome(await preview(leila, pending.id, 'id'))).toBe('NOT_FOUND')
  await world.respond(leila, relationId, 'BLOCK')
  expect(outcome(await preview(leila, relationId, 'id'))).toBe('NOT_FOUND')
})

test('a preview stands alone: nothing beside it is read as the other one', async () => {
  const prefix = 'query ($id: ID!) { previewAccess(relationId: $id) { id }'
  for (const beside of [
    'me { email }',
    'other: previewAccess(relationId: $id) { id }',
    'node(id: $id) { id }',
    '... on Query { me { email } }',
    '...More } fragment More on Query { me { email }',
  ]) {
    const answer = await world.ask(leila, `${prefix} ${beside} }`, { id: relationId })
    expect(answer.errors?.map(({ extensions }) => extensions.reason)).toContain('INVALID_DOCUMENT')
    expect(answer.data?.previewAccess ?? null).toBeNull()
    expect(JSON.stringify(answer.data ?? null)).not.toContain(budi.email)
  }
  const skipped = `${prefix} me @skip(if: true) { email } node(id: $id) @include(if: false) { id } }`
  expect((await world.ask(leila, skipped, { id: relationId })).data).toEqual({
    previewAccess: { id: expect.any(String) },
  })
  // Hidden in a fragment it is refused as well.
  const hidden = await world.ask(
    leila,
    'query ($id: ID!) { ...P me { email } } fragment P on Query { previewAccess(relationId: $id) { id } }',
    { id: relationId },
  )
  expect(hidden.errors?.[0]?.extensions.reason).toBe('INVALID_DOCUMENT')
})

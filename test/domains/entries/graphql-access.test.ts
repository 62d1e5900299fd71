import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type DeedsWorld, deedsWorld, itemIdOf, refusalOf } from '../../support/deeds.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { CLEAR, type Diary, ENTRIES, NODE, newDiary, RECORD } from './entry-requests.ts'

let world: DeedsWorld
beforeAll(async () => {
  world = await deedsWorld()
})
afterAll(() => world.stop())

let leila: Diary['leila']
let budi: Diary['budi']
let today: Diary['today']
let items: Diary['items']
beforeEach(async () => {
  ;({ leila, budi, today, items } = await newDiary(world))
})

const record = (as: TestPerson, input: object) => world.ask(as, RECORD, { input })

describe('somebody else', () => {
  const relation = () => world.befriend(leila, budi)
  const share = (name: string, terms: object = {}) => world.grant(leila, budi, itemIdOf(items[name] ?? ''), terms)

  test('ENT-7 a delegate records for the owner through the API, who is told who it was as long as they know each other', async () => {
    await relation()
    await share('Quran', { write: true })
    const recorded = await record(budi, { itemId: items.Page, count: '3' })
    expect(recorded.data.recordEntry).toMatchObject({
      status: 'CREATED',
      entry: {
        date: today,
        owner: { id: leila.globalId },
        recordedBy: { id: budi.globalId },
        history: { totalCount: 1 },
      },
      goals: [],
    })
    const seen = await world.ask(leila, ENTRIES, { user: leila.globalId })
    expect(seen.data.user.entries.nodes).toMatchObject([{ count: '3', recordedBy: { id: budi.globalId } }])
    const others = await world.ask(leila, '{ me { relations { nodes { id } } } }', {})
    const [{ id: relationId }] = others.data.me.relations.nodes
    await world.ask(leila, 'mutation ($id: ID!) { removeRelation(input: { relationId: $id }) { relationId } }', {
      id: relationId,
    })
    const alone = await world.ask(leila, ENTRIES, { user: leila.globalId })
    expect(alone.errors).toBeUndefined()
    expect(alone.data.user.entries.nodes).toMatchObject([{ count: '3', recordedBy: null }])
  })

  test('ENT-7 over the owner’s own value a delegate sends the version', async () => {
    await relation()
    await share('Quran', { write: true })
    const { id } = (await record(budi, { itemId: items.Page, count: '3' })).data.recordEntry.entry
    await record(leila, { itemId: items.Page, count: '4' })
    const { errors } = await record(budi, { itemId: items.Page, count: '5' })
    expect(errors?.[0]?.extensions).toMatchObject({ reason: 'OWNER_VALUE_PROTECTED', currentVersion: 2 })
    const cleared = await world.ask(budi, CLEAR, { input: { entryId: id, expectedVersion: 2 } })
    expect(cleared.data.clearEntry).toMatchObject({ item: { id: items.Page }, previous: { count: '4' } })
    expect(refusalOf(await world.ask(leila, NODE, { id }))).toEqual({ code: 'NOT_FOUND', field: 'id' })
  })

  test('SHA-6 who made a change before it came in with an archive is told to the owner alone', async () => {
    await relation()
    await share('Quran')
    const { data } = await record(leila, { itemId: items.Page, count: '3' })
    await world.sql(
      `insert into entry_history (user_id, deed_item_id, entry_date, action, new_values, changed_by_user_id, origin, version, imported_actor)
       select user_id, deed_item_id, entry_date, 'created', new_values, user_id, 'imported', 1, '@maryam'
       from entry_history where user_id = $1`,
      [leila.userId],
    )
    const { id } = data.recordEntry.entry
    const ask = /* GraphQL */ `query History($id: ID!) {
      node(id: $id) { ... on Entry { history(first: 5) { nodes { importedActor origin changedBy { id } } } } }
    }`
    const seenBy = async (viewer: TestPerson) => (await world.ask(viewer, ask, { id })).data.node.history.nodes
    const changedBy = { id: leila.globalId }
    expect(await seenBy(leila)).toEqual([
      { importedActor: '@maryam', origin: 'IMPORTED', changedBy },
      { importedActor: null, origin: 'MANUAL', changedBy },
    ])
    expect(await seenBy(budi)).toMatchObject([{ importedActor: null }, { importedActor: null }])
  })

  test('SHA-8 what is not shared answers as if it were not there: lists, nodes, history, notes', async () => {
    await relation()
    await share('Juz')
    const ids: string[] = []
    for (const name of ['Quran', 'Page', 'Hadith']) {
      const { data } = await record(leila, { itemId: items[name], count: '1', notes: 'secret' })
      ids.push(data.recordEntry.entry.id, data.recordEntry.entry.history.nodes[0].id)
    }
    const list = await world.ask(budi, ENTRIES, { user: leila.globalId, filter: { hasNotes: false } })
    expect(list.errors).toBeUndefined()
    expect(list.data.user.entries).toMatchObject({
      totalCount: 1,
      nodes: [{ notes: null, item: { name: 'Page' }, recordedBy: { id: leila.globalId } }],
    })
    const found = await Promise.all(ids.map(async (id) => (await world.ask(budi, NODE, { id })).data?.node ?? null))
    expect(found.map((node) => node !== null)).toEqual([false, false, true, true, false, false])
    expect(JSON.stringify([list, found])).not.toContain('secret')
    const stranger = await newUser(world.service.database, 'stranger')
    for (const id of ids)
      expect(refusalOf(await world.ask(stranger, NODE, { id }))).toEqual({ code: 'NOT_FOUND', field: 'id' })
  })

  test('SHA-8 a change of notes alone leaves no trace for whoever may not read them', async () => {
    await relation()
    await share('Quran', { write: true })
    const ask = `query ($user: ID!, $mine: Boolean) { user(id: $user) { entries(filter: { recordedByOwner: $mine }, orderBy: UPDATED_DESC) {
      nodes { id count version updatedAt origin recordedBy { id } history { totalCount } } } } }`
    const seen = async (as: TestPerson, mine: boolean | null = null) =>
      (await world.ask(as, ask, { user: leila.globalId, mine })).data.user.entries.nodes
    await record(leila, { itemId: items.Hadith, count: '7' })
    await record(budi, { itemId: items.Page, count: '3' })
    await record(leila, { itemId: items.Juz, count: '1' })
    const before = await seen(budi)
    expect(before).toMatchObject([{ count: '1' }, { count: '3', version: 1, recordedBy: { id: budi.globalId } }])
    await record(leila, { itemId: items.Page, notes: 'A note' })
    await record(leila, { itemId: items.Page, notes: 'Another note' })
    expect(await seen(leila)).toMatchObject([{ version: 3, recordedBy: { id: leila.globalId } }, {}, {}])
    expect(await seen(budi)).toEqual(before)
    expect(await seen(budi, true)).toEqual([before[0]])
    // It is still the delegate's own value, in the version that they know.
    const stale = await record(budi, { itemId: items.Page, count: '4', expectedVersion: 3 })
    expect(stale.errors?.[0]?.extensions).toMatchObject({ reason: 'STALE_VERSION', currentVersion: 1 })
    expect((await record(budi, { itemId: items.Page, count: '3' })).data.recordEntry.status).toBe('UNCHANGED')
    const written = await record(budi, { itemId: items.Page, count: '4', expectedVersion: 1 })
    expect(written.data.recordEntry.entry).toMatchObject({ count: '4', version: 2, recordedBy: { id: budi.globalId } })
    expect(await seen(budi)).toMatchObject([{ count: '4', version: 2, history: { totalCount: 2 } }, { count: '1' }])
    expect(await seen(leila)).toMatchObject([{ count: '4', version: 4, recordedBy: { id: budi.globalId } }, {}, {}])
    await record(leila, { itemId: items.Page, count: '5', notes: 'And one more', expectedVersion: 4 })
    expect(await seen(budi)).toMatchObject([{ version: 3, recordedBy: { id: leila.globalId } }, {}])
    await record(leila, { itemId: items.Page, notes: null })
    const refused = await record(budi, { itemId: items.Page, count: '6' })
    expect(refused.errors?.[0]?.extensions).toMatchObject({ reason: 'OWNER_VALUE_PROTECTED', currentVersion: 3 })
  })

  test('SHA-9 a grant that is taken back is gone from the next request', async () => {
    await relation()
    const permission = await share('Quran', { write: true, notes: true })
    const { data } = await record(budi, { itemId: items.Page, count: '3', notes: 'n' })
    await world.sql('update permissions set is_active = false, revoked_at = now() where permission_id = $1', [
      permission,
    ])
    const { entry } = data.recordEntry
    for (const id of [entry.id, entry.history.nodes[0].id]) {
      expect(refusalOf(await world.ask(budi, NODE, { id }))).toEqual({ code: 'NOT_FOUND', field: 'id' })
    }
    expect(refusalOf(await record(budi, { itemId: items.Page, count: '4' }))).toEqual({
      code: 'NOT_FOUND',
      field: 'input.itemId',
    })
    expect(refusalOf(await world.ask(budi, CLEAR, { input: { entryId: entry.id } }))).toEqual({
      code: 'NOT_FOUND',
      field: 'input.entryId',
    })
  })

  test('without the scope, or without a session, nothing is read or recorded', async () => {
    const reader = { ...leila, scopes: ['ACCOUNT_READ', 'ENTRIES_READ'] }
    expect(refusalOf(await record(reader as TestPerson, { itemId: items.Page, count: '1' }))).toMatchObject({
      code: 'FORBIDDEN',
      reason: 'MISSING_SCOPE',
    })
    const anonymous = await world.service.execute(RECORD, { input: { itemId: items.Page, count: '1' } })
    expect(refusalOf(anonymous)).toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})

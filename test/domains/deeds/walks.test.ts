import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { newUser, type TestPerson } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

const documents = {
  createDeed: /* GraphQL */ `
    mutation CreateDeed($input: CreateDeedInput!) {
      createDeed(input: $input) { deed { id itemTree { id name } scale { values { id } } } }
    }`,
  createMerit: /* GraphQL */ `mutation CreateMerit($input: CreateMeritInput!) { createMerit(input: $input) { merit { id } } }`,
  recordEntry: /* GraphQL */ `mutation Record($input: RecordEntryInput!) { recordEntry(input: $input) { status } }`,
  moveDeedItem: /* GraphQL */ `mutation Move($input: MoveDeedItemInput!) { moveDeedItem(input: $input) { item { level } } }`,
  deleteDeed: /* GraphQL */ `mutation DeleteDeed($input: DeleteDeedInput!) { deleteDeed(input: $input) { deletion { id } } }`,
  deleteDeedItem: /* GraphQL */ `
    mutation DeleteItem($input: DeleteDeedItemInput!) { deleteDeedItem(input: $input) { deletion { id } } }`,
  restore: /* GraphQL */ `mutation Restore($input: RestoreInput!) { restore(input: $input) { restored { id } } }`,
  look: /* GraphQL */ `
    query Look {
      me {
        merits { nodes { title completedOn progress { state ratio } } }
        user { entries(first: 100, orderBy: DATE_ASC) { nodes { item { name } count scaleValue { name } } } }
      }
    }`,
}

/** A diary by the names of what is in it: two deeds, one counted and one on a scale. */
interface Diary {
  leila: TestPerson
  deeds: Record<string, string>
  items: Record<string, string>
  send(name: keyof typeof documents, input?: object): ReturnType<TestService['execute']>
}

/** A shape of a tree: the place of each item's parent among those before it, or beyond them the top. */
type Shape = readonly number[]

const childrenOf = (shape: Shape, letter: string, parent: number): object[] =>
  shape.flatMap((above, place) =>
    (above >= place ? -1 : above) === parent
      ? [{ name: `${letter}${place}`, children: childrenOf(shape, letter, place) }]
      : [],
  )

async function newDiary(shape: Shape): Promise<Diary> {
  const leila = await newUser(service.database, 'leila')
  const diary: Diary = {
    leila,
    deeds: {},
    items: {},
    send: (name, input) => service.execute(documents[name], { input }, { as: leila }),
  }
  await newDeed(diary, 'a', { measure: 'COUNT', items: childrenOf(shape, 'a', -1) })
  const scale = [{ name: 'missed' }, { name: 'on time' }]
  const [, onTime] = await newDeed(diary, 'b', { measure: 'SCALE', scale, items: childrenOf([9, 0], 'b', -1) })
  for (const [name, itemId] of Object.entries(diary.items)) {
    await done(
      diary.send('recordEntry', { itemId, ...(name.startsWith('a') ? { count: '1' } : { scaleValueId: onTime }) }),
    )
    const asked = [{ itemId, metric: 'DAYS_RECORDED', target: '1' }]
    const merit = { deedId: diary.deeds[name.slice(0, 1)], title: `of ${name}`, durationDays: 3, items: asked }
    await done(diary.send('createMerit', merit))
  }
  const sum = [{ itemId: diary.items.a0, metric: 'COUNT_SUM', target: '3' }]
  await done(diary.send('createMerit', { deedId: diary.deeds.a, title: 'sum', durationDays: 3, items: sum }))
  return diary
}

async function newDeed(diary: Diary, name: string, over: object): Promise<string[]> {
  const { deed } = (await done(diary.send('createDeed', { category: 'HASANAAT', name, ...over }))).createDeed
  diary.deeds[name] = deed.id
  for (const item of deed.itemTree) diary.items[item.name] = item.id
  return (deed.scale?.values ?? []).map(({ id }: { id: string }) => id)
}

async function done(answer: ReturnType<TestService['execute']>) {
  const { data, errors } = await answer
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

/** All that is stored of deeds, items, scales and goals, which deletion took what, and what their owner sees. */
async function stateOf({ leila, send }: Diary) {
  const { rows } = await service.database.admin.query<{ row: string; isLive: boolean; deletionId: string }>(
    `with named as (
       select 'deed ' || name as row, deletion_id, deleted_at from deeds where user_id = $1
       union all
       select 'item ' || item.name || ' at level ' || item.level || ' below ' || coalesce(parent.name, 'nothing'),
         item.deletion_id, item.deleted_at
       from deed_items as item
       left join deed_items as parent on parent.user_id = item.user_id and parent.deed_item_id = item.parent_deed_item_id
       where item.user_id = $1
       union all
       select 'scale of ' || deeds.name, scales.deletion_id, scales.deleted_at from scales join deeds using (user_id, deed_id)
       where user_id = $1
       union all
       select 'goal ' || title || coalesce(' completed ' || completed_on, ''), deletion_id, deleted_at from goals where user_id = $1
     )
     select row, deleted_at is null as "isLive", deletion_id as "deletionId" from named order by row`,
    [leila.userId],
  )
  const stamps = Map.groupBy(
    rows.filter(({ isLive }) => !isLive),
    ({ deletionId }) => deletionId,
  )
  const seen = (await done(send('look'))).me
  return {
    live: rows.filter(({ isLive }) => isLive).map(({ row }) => row),
    taken: [...stamps.values()].map((taken) => taken.map(({ row }) => row)).sort(),
    merits: seen.merits.nodes,
    entries: seen.user.entries.nodes.map((entry: unknown) => JSON.stringify(entry)).sort(),
  }
}

type Step =
  | { kind: 'delete'; item: number }
  | { kind: 'deleteDeed'; deed: 'a' | 'b' }
  | { kind: 'move'; item: number; below: number }
  | { kind: 'restore'; deletion: number }

/** What was deleted, by the id of its latest deletion: deleting it again gives another one. */
interface Deleted {
  root: { deedId: string } | { itemId: string }
  id: string
  isOpen: boolean
}

const refusals = ['NOT_FOUND', 'PARENT_DELETED', 'WOULD_CYCLE', 'TOO_DEEP']

async function takeOut(diary: Diary, root: Deleted['root']) {
  const document = 'deedId' in root ? 'deleteDeed' : 'deleteDeedItem'
  const { data, errors } = await diary.send(document, root)
  return { refusal: errors?.[0]?.extensions, id: data?.[document]?.deletion.id }
}

async function putBack(diary: Diary, deleted: Deleted) {
  const { errors } = await diary.send('restore', { deletionId: deleted.id })
  if (!errors) deleted.isOpen = false
  return errors?.[0]?.extensions
}

/** The parent's name as it is stored, for a live or a deleted item; null at the top. */
async function parentOf({ leila }: Diary, name: string): Promise<string | null> {
  const { rows } = await service.database.admin.query<{ parent: string | null }>(
    `select parent.name as parent from deed_items as item
     left join deed_items as parent on parent.user_id = item.user_id and parent.deed_item_id = item.parent_deed_item_id
     where item.user_id = $1 and item.name = $2`,
    [leila.userId, name],
  )
  return rows[0]?.parent ?? null
}

/** Takes the step; answers why it was refused, or how to take it back. */
async function walk(
  diary: Diary,
  step: Step,
  deletions: Deleted[],
): Promise<{ refusal?: unknown; undo?: () => Promise<unknown> }> {
  const again = async (deleted: Deleted) => {
    deleted.id = (await takeOut(diary, deleted.root)).id
    deleted.isOpen = true
  }
  if (step.kind === 'restore') {
    const open = deletions.filter(({ isOpen }) => isOpen)
    const deleted = open[step.deletion % open.length]
    if (!deleted) return { refusal: { code: 'NOT_FOUND' } }
    return { refusal: await putBack(diary, deleted), undo: () => again(deleted) }
  }
  if (step.kind === 'move') {
    const items = Object.keys(diary.items).filter((name) => name.startsWith('a'))
    const name = items[step.item % items.length] ?? ''
    const parentId = diary.items[items[step.below] ?? ''] ?? null
    const from = await parentOf(diary, name)
    const move = (to: string | null) => diary.send('moveDeedItem', { itemId: diary.items[name], parentId: to })
    const { errors } = await move(parentId)
    return { refusal: errors?.[0]?.extensions, undo: () => done(move(from && (diary.items[from] ?? null))) }
  }
  const ids = Object.values(diary.items)
  const root =
    step.kind === 'deleteDeed'
      ? { deedId: diary.deeds[step.deed] ?? '' }
      : { itemId: ids[step.item % ids.length] ?? '' }
  const { refusal, id } = await takeOut(diary, root)
  const deleted = { root, id, isOpen: true }
  if (!refusal) deletions.push(deleted)
  return {
    refusal,
    undo: async () => {
      expect(await putBack(diary, deleted)).toBeUndefined()
    },
  }
}

const shapes = fc.array(fc.nat({ max: 8 }), { minLength: 3, maxLength: 8 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete' as const), item: fc.nat({ max: 9 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('deleteDeed' as const),
      deed: fc.constantFrom('a' as const, 'b' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('move' as const), item: fc.nat({ max: 7 }), below: fc.nat({ max: 9 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('restore' as const), deletion: fc.nat({ max: 9 }) }) },
)

test('TREE-4 a random walk that deletes, moves and restores, taken back step by step, passes the same states', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.array(step, { minLength: 4, maxLength: 14 }), async (shape, steps) => {
      const diary = await newDiary(shape)
      const deletions: Deleted[] = []
      const way: { before: unknown; undo: () => Promise<unknown> }[] = []
      let state = await stateOf(diary)
      for (const next of steps) {
        const { refusal, undo } = await walk(diary, next, deletions)
        const before = state
        state = await stateOf(diary)
        if (refusal) {
          const { code, reason = code } = refusal as { code: string; reason?: string }
          expect(refusals).toContain(reason)
          expect(state).toEqual(before)
        } else if (undo) way.push({ before, undo })
      }
      for (const { before, undo } of way.reverse()) {
        await undo()
        expect(await stateOf(diary)).toEqual(before)
      }
      expect(deletions.filter(({ isOpen }) => isOpen)).toEqual([])
    }),
    { numRuns: 12 },
  )
}, 120_000)

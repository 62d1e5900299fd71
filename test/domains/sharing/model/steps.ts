// What happens to diaries and what is shared of them, step by step at random. What the database refuses is no step.
import fc from 'fast-check'
import { addDays } from '../../../../src/platform/civil-dates.ts'
import {
  answer,
  befriend,
  grant,
  newDeed,
  newItem,
  newScale,
  only,
  type Person,
  type Query,
  revoke,
  type World,
} from '../../../db/world.ts'
import { passedTo } from '../../../support/clock.ts'

export interface Diary {
  readonly owner: Person
  readonly today: string
  readonly deeds: { id: string; values: string[]; scaleId: string | null }[]
  /** Ids of all items there ever were, with the place of their deed. */
  readonly items: { id: string; deed: number }[]
  readonly permissions: string[]
  /** By viewer. */
  readonly relations: Map<Person, string>
}
export interface Scene {
  readonly people: readonly Person[]
  /** Of the first two of them. */
  readonly diaries: readonly [Diary, Diary]
}

let count = 0

/** Two who keep diaries and see each other's at most, one who sees theirs, and a stranger. */
export async function newScene(world: World, timeZone: string): Promise<Scene> {
  count += 1
  const people: Person[] = []
  for (const name of ['leila', 'budi', 'maryam', 'stranger']) {
    const person = await world.newPerson(`${name}_${count}`, timeZone)
    await world.admin('update users set username = null where user_id = $1', [person.id])
    people.push(person)
  }
  const [leila, budi, maryam] = people as [Person, Person, Person]
  const diaries = [await newDiary(world, leila), await newDiary(world, budi)] as const
  for (const [viewer, { owner, relations }] of [
    [budi, diaries[0]],
    [maryam, diaries[0]],
    [leila, diaries[1]],
    [maryam, diaries[1]],
  ] as const) {
    relations.set(viewer, await befriend(viewer, owner))
  }
  return { people, diaries }
}

/** Counted good and bad deeds, and one on a scale; in each a chain and a twig. */
async function newDiary(world: World, owner: Person): Promise<Diary> {
  const today = only(await world.admin('select owner_today($1)::text', [owner.id]))
  const reading = await newDeed(owner, 'Reading')
  const prayer = await newDeed(owner, 'Prayer', 'scale')
  const smoking = await newDeed(owner, 'Smoking', 'count', 'saiyyiaat')
  await world.admin("update deeds set description = 'secret' where user_id = $1", [owner.id])
  const { scaleId, valueIds } = await newScale(owner, prayer, ['missed', 'late', 'on time'])
  const deeds = [
    { id: reading, values: [], scaleId: null },
    { id: prayer, values: valueIds, scaleId },
    { id: smoking, values: [], scaleId: null },
  ]
  const diary: Diary = { owner, today, deeds, items: [], permissions: [], relations: new Map() }
  for (let n = 0; n < 9; n += 1) {
    const deed = n % 3
    const above = n < 3 || n === 8 ? null : (diary.items[n - 3]?.id ?? null)
    diary.items.push({ id: await newItem(owner, deeds[deed]?.id ?? '', `item ${n}`, above), deed })
  }
  await fill(diary)
  return diary
}

/** Two days of every item, one of them with a note. */
function fill({ owner, items, deeds, today }: Diary) {
  return owner.query(
    `insert into entries (user_id, deed_item_id, entry_date, count_value, scale_id, scale_value_id, notes)
     select $1, item, $2::date - day, case when value is null then day end, case when value is not null then $5::bigint end, value,
       case when day = 1 then 'a note' end
     from unnest($3::bigint[], $4::bigint[]) as recorded (item, value), unnest('{1,2}'::integer[]) as day`,
    [
      owner.id,
      today,
      items.map(({ id }) => id),
      items.map(({ deed }, n) => deeds[deed]?.values[n % 2] ?? null),
      deeds.find(({ scaleId }) => scaleId !== null)?.scaleId,
    ],
  )
}

const place = fc.nat({ max: 60 })
const terms = fc.record({
  type: fc.constantFrom('read' as const, 'write' as const),
  descendants: fc.constantFrom(true, true, false),
  notes: fc.boolean(),
  expiresAt: fc.constantFrom(null, null, '2998-01-01', '2999-01-01'),
})
type Values<Fields> = { [Name in keyof Fields]: Fields[Name] extends fc.Arbitrary<infer Value> ? Value : never }

/** A kind of step in one of the diaries, by or for one of three people. */
function step<Kind extends string, Fields extends Record<string, fc.Arbitrary<unknown>>>(
  kind: Kind,
  weight: number,
  fields: Fields,
) {
  type Whole = { do: Kind; diary: number; who: number } & Values<Fields>
  const common = { do: fc.constant(kind), diary: fc.constantFrom(0, 0, 1), who: fc.nat({ max: 2 }) }
  return { weight, arbitrary: fc.record({ ...common, ...fields }) as unknown as fc.Arbitrary<Whole> }
}
const ways = fc.constantFrom('removes' as const, 'leaves' as const, 'blocks' as const)
const day = fc.oneof(fc.integer({ min: -4, max: 1 }), fc.constantFrom(-9, -33, -45))

const granting = step('grant', 7, { item: place, terms })

/** Two grants to everybody who may be granted something: what to begin with. */
export const anyGrants = fc
  .array(granting.arbitrary, { minLength: 8, maxLength: 8 })
  .map((grants) => grants.map((grant, n) => ({ ...grant, diary: n % 2, who: n >> 1 })))

export const anyStep = fc.oneof(
  granting,
  step('revoke', 1, { permission: place }),
  step('passes', 1, { until: fc.constantFrom('2998-01-01', '2999-01-01') }),
  step('records', 9, { item: place, day, value: fc.nat({ max: 3 }), notes: fc.option(fc.constantFrom('one', 'two')) }),
  step('writes a note', 4, { entry: place }),
  step('clears', 2, { entry: place }),
  step('moves', 3, { item: place, to: fc.option<number>(place) }),
  step('moves to front', 1, { item: place }),
  step('makes private', 2, { item: place, isPrivate: fc.boolean() }),
  step('adds', 2, { below: fc.option<number>(place), deed: fc.nat({ max: 2 }), isPrivate: fc.boolean() }),
  step('hides', 1, { item: place }),
  step('renames', 1, { item: place }),
  step('deletes', 1, { item: place }),
  step('restores', 1, {}),
  step('ends', 1, { how: ways }),
)
export type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never

const pick = <T>(list: readonly T[], n: number): T => {
  const found = list[n % list.length]
  if (found === undefined) throw new Error('An empty list to pick from.')
  return found
}

/** Takes a step; what the rules refuse stays undone. */
export async function take(world: World, scene: Scene, what: Step): Promise<void> {
  try {
    await attempt(world, scene, what)
  } catch (error) {
    const { code = '' } = error as { code?: string }
    // Refused by a trigger, a constraint or a policy.
    if (!/^(KT|23|42501)/.test(code)) throw error
  }
}

async function attempt(world: World, scene: Scene, what: Step): Promise<unknown> {
  const diary = pick(scene.diaries, what.diary)
  const { owner, items, permissions } = diary
  const viewers = [...diary.relations.keys()]
  const viewer = pick(viewers, what.who)
  switch (what.do) {
    case 'grant': {
      const relation = diary.relations.get(viewer) ?? ''
      return permissions.push(await grant(owner, viewer, relation, pick(items, what.item).id, what.terms))
    }
    case 'revoke':
      return permissions.length > 0 && revoke(owner, pick(permissions, what.permission))
    case 'passes':
      return passedTo(world.database, what.until, { userId: owner.id })
    case 'moves':
      return owner.query('update deed_items set parent_deed_item_id = $2 where deed_item_id = $1', [
        pick(items, what.item).id,
        what.to === null ? null : pick(items, what.to).id,
      ])
    case 'moves to front':
      return owner.query(
        'update deed_items set display_order = display_order + (deed_item_id <> $2)::int where user_id = $1',
        [owner.id, pick(items, what.item).id],
      )
    case 'makes private':
      return set(diary, what.item, 'is_private = $2', what.isPrivate)
    case 'hides':
      return set(diary, what.item, 'is_active = not is_active and $2', true)
    case 'renames':
      return set(diary, what.item, 'name = name || $2', '*')
    case 'adds':
      return add(diary, what)
    case 'deletes':
      return owner.transaction((query) => removeBranch(query, owner, pick(items, what.item).id))
    case 'restores':
      return owner.query(
        `update deed_items set deleted_at = null, deleted_by = null, deletion_id = null
         where deletion_id = (select deletion_id from deed_items where user_id = $1 and deletion_id is not null order by deletion_id limit 1)`,
        [owner.id],
      )
    case 'ends':
      return end(diary, viewer, what.how)
    default:
      return write(world, scene, diary, what)
  }
}

type Writing = Extract<Step, { do: 'records' | 'writes a note' | 'clears' }>

/** By the owner (0), or by somebody else: what they may not write is refused. */
async function write(world: World, scene: Scene, { owner, items, deeds, today }: Diary, what: Writing) {
  const writer = what.who === 0 ? owner : pick(scene.people, what.who)
  if (what.do !== 'records') {
    const change = what.do === 'clears' ? 'deleted_at = now()' : "notes = coalesce(notes || '!', 'a note')"
    return writer.query(
      `update entries set ${change}, updated_by_user_id = $2 where user_id = $1 and deleted_at is null and (deed_item_id, entry_date) = (
         select deed_item_id, entry_date from entries where user_id = $1 order by entry_date, deed_item_id
         offset $3 % greatest(1, (select count(*) from entries where user_id = $1)) limit 1)`,
      [owner.id, writer.id, what.entry],
      [owner],
    )
  }
  const given = await world.admin(
    'select deed_item_id as id from item_access where user_id = $1 and viewer_id = $2 and may_write order by 1',
    [owner.id, writer.id],
  )
  const writable = items.filter(({ id }) => given.some((access) => access.id === id))
  const item = pick(writable.length > 0 ? writable : items, what.item)
  const { scaleId, values } = pick(deeds, item.deed)
  const value = scaleId === null ? null : pick(values, what.value)
  return writer.query(
    `insert into entries (user_id, deed_item_id, entry_date, count_value, scale_id, scale_value_id, notes) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (user_id, deed_item_id, entry_date) do update set count_value = excluded.count_value, scale_id = excluded.scale_id,
       scale_value_id = excluded.scale_value_id, notes = excluded.notes, updated_by_user_id = excluded.updated_by_user_id, deleted_at = null`,
    [
      owner.id,
      item.id,
      addDays(today, what.day),
      value === null ? what.value * 1.25 : null,
      value && scaleId,
      value,
      what.notes,
    ],
    [owner],
  )
}

function set({ owner, items }: Diary, item: number, change: string, value: unknown) {
  return owner.query(`update deed_items set ${change} where deed_item_id = $1`, [pick(items, item).id, value])
}

async function add({ owner, items, deeds }: Diary, what: Extract<Step, { do: 'adds' }>) {
  const above = what.below === null ? null : pick(items, what.below)
  const deed = above?.deed ?? what.deed
  const name = `item ${items.length}`
  const id = await newItem(owner, pick(deeds, deed).id, name, above?.id ?? null, what.isPrivate)
  return items.push({ id, deed })
}

async function end(diary: Diary, viewer: Person, how: 'removes' | 'leaves' | 'blocks') {
  const { owner, relations } = diary
  const relation = relations.get(viewer) ?? ''
  if (how === 'blocks') return answer(owner, relation, 'blocked')
  const by = how === 'removes' ? owner : viewer
  await by.query('update relations set deleted_at = now(), deleted_by = $1 where relation_id = $2', [by.id, relation])
  return relations.set(viewer, await befriend(viewer, owner))
}

async function removeBranch(query: Query, owner: Person, itemId: string) {
  const deletionId = only(
    await query(
      "insert into deletions (user_id, kind, root_id, label, deleted_by) values ($1, 'deed_item', $2, 'it', $1) returning deletion_id",
      [owner.id, itemId],
    ),
  )
  await query(
    `with recursive below as (
       select deed_item_id from deed_items where user_id = $1 and deed_item_id = $2
       union all
       select child.deed_item_id from deed_items as child join below on child.parent_deed_item_id = below.deed_item_id where child.user_id = $1
     )
     update deed_items set deleted_at = now(), deleted_by = $1, deletion_id = $3
     where user_id = $1 and deleted_at is null and deed_item_id in (select deed_item_id from below)`,
    [owner.id, itemId, deletionId],
  )
}

// Leila's deeds of each category and measure, and what she recorded in them, written as marks of days up to her today.

import { addDays } from '../../../src/platform/civil-dates.ts'
import { fromGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import type { Executed, TestService } from '../../support/service.ts'

export interface Fact {
  /** Name of the item. */
  item: string
  /** From her today: 0, -1, ... */
  day: number
  /** A count, or the name of a scale value. */
  value: string
}

export interface Diary {
  leila: TestPerson
  today: string
  /** Global ids of deeds, items and scale values by name. */
  ids: Readonly<Record<string, string>>
  day(offset: number): string
  /** Puts these entries in the place of all that were there. */
  fill(facts: readonly Fact[]): Promise<void>
  /** Makes a day of an item unknown again. */
  clear(item: string, day: number): Promise<void>
  /** Deletes an item that has none below it. */
  remove(item: string): Promise<void>
  ask(query: string, variables?: object, as?: TestPerson): Promise<Executed>
  share(items: readonly string[], viewer: TestPerson): Promise<void>
}

const tree: Tree[] = [{ name: 'root', children: [{ name: 'branch', children: [{ name: 'leaf' }] }, { name: 'twig' }] }]
interface Tree {
  name: string
  children?: Tree[]
}
const named = (prefix: string, items: readonly Tree[]): Tree[] =>
  items.map(({ name, children = [] }) => ({ name: `${prefix} ${name}`, children: named(prefix, children) }))

/** For each deed an item `root`, below it `branch` and `twig`, and `leaf` below `branch`, after the deed's name. */
const deeds = [
  { name: 'Reading', category: 'HASANAAT', measure: 'COUNT', unit: 'pages' },
  { name: 'Prayer', category: 'HASANAAT', measure: 'SCALE', scale: ['missed', 'late', 'on time'] },
  { name: 'Smoking', category: 'SAIYYIAAT', measure: 'COUNT', unit: 'cigarettes' },
  { name: 'Anger', category: 'SAIYYIAAT', measure: 'SCALE', scale: ['calm', 'cross', 'raging'] },
]
export const deedNames = deeds.map(({ name }) => name)
export const itemNames = ['root', 'branch', 'leaf', 'twig']

const CREATE_DEED = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) {
    createDeed(input: $input) { deed { id name itemTree { id name } scale { values { id name } } owner { today } } }
  }`

/** Where it is around noon now: no day turns while a test runs. */
function zoneAtNoon(): string {
  const hours = 12 - new Date().getUTCHours()
  return `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`
}

export async function newDiary(service: TestService): Promise<Diary> {
  const leila = await newUser(service.database, 'leila', { timeZone: zoneAtNoon() })
  const ask = (query: string, variables: object = {}, as = leila) => service.execute(query, { ...variables }, { as })
  const ids: Record<string, string> = {}
  let today = ''
  for (const { scale, ...deed } of deeds) {
    const values = scale && { scale: scale.map((name) => ({ name })) }
    const { data } = await ask(CREATE_DEED, { input: { ...deed, ...values, items: named(deed.name, tree) } })
    const made = data.createDeed.deed
    for (const { id, name } of [made, ...made.itemTree, ...(made.scale?.values ?? [])]) ids[name] = id
    today = made.owner.today
  }
  const itemId = (name: string) => fromGlobalId('DeedItem', ids[name] ?? '').itemId
  return {
    leila,
    today,
    ids,
    day: (offset) => addDays(today, offset),
    fill: (facts) => fill(service, leila, ids, facts),
    async clear(item, day) {
      const { admin } = service.database
      const key = [leila.userId, itemId(item), day]
      await admin.query(
        'update entries set deleted_at = now() where user_id = $1 and deed_item_id = $2 and entry_date = owner_today($1) + $3::integer',
        key,
      )
    },
    async remove(item) {
      await service.database.admin.query(
        `with deletion as (
           insert into deletions (user_id, kind, root_id, label, row_count, deleted_by) values ($1, 'deed_item', $2, 'an item', 1, $1)
           returning deletion_id, deleted_at
         )
         update deed_items set deleted_at = deletion.deleted_at, deleted_by = $1, deletion_id = deletion.deletion_id
         from deletion where user_id = $1 and deed_item_id = $2`,
        [leila.userId, itemId(item)],
      )
    },
    ask,
    share: (items, viewer) => share(service, leila, viewer, items.map(itemId)),
  }
}

async function fill({ database }: TestService, leila: TestPerson, ids: Diary['ids'], facts: readonly Fact[]) {
  await database.superuser.query('delete from entries where user_id = $1', [leila.userId])
  const isCount = (value: string) => ids[value] === undefined
  await database.superuser.query(
    `insert into entries (user_id, deed_item_id, entry_date, count_value, scale_id, scale_value_id, created_by_user_id, updated_by_user_id)
     select $1, item, owner_today($1) + day, amount, scale_id, scale_value_id, $1, $1
     from unnest($2::bigint[], $3::integer[], $4::numeric[], $5::bigint[]) as fact (item, day, amount, scale_value_id)
     left join scale_values using (scale_value_id)`,
    [
      leila.userId,
      facts.map(({ item }) => fromGlobalId('DeedItem', ids[item] ?? '').itemId),
      facts.map(({ day }) => day),
      facts.map(({ value }) => (isCount(value) ? value : null)),
      facts.map(({ value }) => (isCount(value) ? null : fromGlobalId('ScaleValue', ids[value] ?? '').scaleValueId)),
    ],
  )
}

async function share({ database: { admin } }: TestService, leila: TestPerson, viewer: TestPerson, itemIds: string[]) {
  const { rows } = await admin.query(
    "insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, 'leila') returning relation_id",
    [leila.userId, viewer.userId],
  )
  const relationId = rows[0]?.relation_id
  await admin.query("update relations set status = 'accepted' where relation_id = $1", [relationId])
  await admin.query(
    "insert into permissions (user_id, relation_id, requester_id, deed_item_id, permission_type) select $1, $2, $3, item, 'read' from unnest($4::bigint[]) as item",
    [leila.userId, relationId, viewer.userId, itemIds],
  )
}

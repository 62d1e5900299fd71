import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { newDeed, newItem, newWorld, only, type Person, type Query, refusal, type World } from './world.ts'

let world: World
let leila: Person
let count = 0
beforeAll(async () => {
  world = await newWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newPerson(`leila_${count}`)
})

const rename = (itemId: string, name: string) =>
  refusal(
    leila.query('update deed_items set name = $3 where user_id = $1 and deed_item_id = $2', [leila.id, itemId, name]),
  )
const move = (itemId: string, parentId: string | null, owner = leila) =>
  refusal(
    owner.query('update deed_items set parent_deed_item_id = $3 where user_id = $1 and deed_item_id = $2', [
      owner.id,
      itemId,
      parentId,
    ]),
  )
const levels = async (...itemIds: string[]) =>
  (
    await leila.query(
      'select level from deed_items where deed_item_id = any($1) order by array_position($1, deed_item_id)',
      [itemIds],
    )
  ).map((row) => row.level)

async function chain(deedId: string, length: number, name = 'level', parent: string | null = null): Promise<string[]> {
  const ids: string[] = []
  for (let n = 1; n <= length; n += 1) ids.push(await newItem(leila, deedId, `${name} ${n}`, ids.at(-1) ?? parent))
  return ids
}

/** Stamps rows with a new deletion, as deleting does. */
async function remove(query: Query, kind: 'deed' | 'deed_item', rootId: string, tables: Record<string, string>) {
  const deletionId = only(
    await query(
      "insert into deletions (user_id, kind, root_id, label, deleted_by) values ($1, $2, $3, 'it', $1) returning deletion_id",
      [leila.id, kind, rootId],
    ),
  )
  for (const [table, condition] of Object.entries(tables))
    await query(
      `update ${table} set deleted_at = now(), deleted_by = $1, deletion_id = $2 where user_id = $1 and ${condition}`,
      [leila.id, deletionId],
    )
  return deletionId
}

test('TREE-1 the level is the depth, set by the database, at most 10', async () => {
  const deedId = await newDeed(leila, 'Prayer')
  const ids = await chain(deedId, 10)
  expect(await levels(...ids)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(await refusal(newItem(leila, deedId, 'eleven', ids.at(-1)))).toBe('KT400 too_deep')
  expect(await refusal(leila.query('update deed_items set level = 3 where user_id = $1', [leila.id]))).toBe('42501')
  await world.admin('update deed_items set level = 3 where user_id = $1 and level > 1', [leila.id])
  expect(await levels(...ids)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

test('TREE-1 an item is of one deed, as is its parent, and of one person', async () => {
  const [one, two] = [await newDeed(leila, 'One'), await newDeed(leila, 'Two')]
  const [top, other] = [await newItem(leila, one, 'Top'), await newItem(leila, two, 'Other')]
  expect(await refusal(newItem(leila, two, 'Below', top))).toBe('23503 deed_items_parent_fkey')
  expect(await move(other, top)).toBe('23503 deed_items_parent_fkey')
  expect(await refusal(leila.query('update deed_items set deed_id = $1', [two]))).toBe('42501')
  expect(await refusal(world.admin('update deed_items set deed_id = $1 where deed_item_id = $2', [two, top]))).toBe(
    'KT400 deed_fixed',
  )
  const budi = await world.newPerson(`budi_${count}`)
  const his = await newDeed(budi, 'One')
  expect(await refusal(newItem(budi, his, 'Below', top))).toBe('23503 deed_items_parent_fkey')
  expect(await refusal(newItem(budi, one, 'Mine'))).toBe('23503 deed_items_user_id_deed_id_fkey')
  expect(
    await refusal(budi.query("insert into deed_items (user_id, deed_id, name) values ($1, $2, 'x')", [leila.id, one])),
  ).toBe('42501')
  expect(await move(await newItem(budi, his, 'Mine'), top, budi)).toBe('23503 deed_items_parent_fkey')
})

test('TREE-1 nothing goes round in a circle, also when one statement moves several', async () => {
  const deedId = await newDeed(leila, 'Prayer')
  const [a, b, c] = (await chain(deedId, 3)) as [string, string, string]
  expect(await move(a, a)).toBe('KT400 would_cycle')
  expect(await move(a, c)).toBe('KT400 would_cycle')
  const [x, y] = [await newItem(leila, deedId, 'x'), await newItem(leila, deedId, 'y')]
  const swap = leila.query(
    'update deed_items set parent_deed_item_id = case deed_item_id when $1 then $2::bigint else $1 end where deed_item_id in ($1, $2)',
    [x, y],
  )
  expect(await refusal(swap)).toBe('KT400 would_cycle')
  expect(await levels(a, b, c, x, y)).toEqual([1, 2, 3, 1, 1])
})

test('TREE-2 a move takes the subtree and sets its levels, of deleted descendants too', async () => {
  const deedId = await newDeed(leila, 'Prayer')
  const [a, b, c, d] = (await chain(deedId, 4)) as [string, string, string, string]
  const top = await newItem(leila, deedId, 'top')
  await leila.transaction((query) => remove(query, 'deed_item', d, { deed_items: `deed_item_id = ${d}` }))
  expect(await move(b, top)).toBe('accepted')
  expect(await levels(a, top, b, c, d)).toEqual([1, 1, 2, 3, 4])
  expect(await move(b, null)).toBe('accepted')
  expect(await levels(b, c, d)).toEqual([1, 2, 3])
  const deep = await chain(deedId, 8, 'deep')
  expect(await move(b, deep.at(-1) ?? null)).toBe('KT400 too_deep')
  expect(await move(b, deep.at(-2) ?? null)).toBe('accepted')
  expect(await levels(b, c, d)).toEqual([8, 9, 10])
})

test('TREE-2 who adds below an item that is being moved waits, and gets the new level', async () => {
  const deedId = await newDeed(leila, 'Prayer')
  const [top, moved] = [await newItem(leila, deedId, 'top'), await newItem(leila, deedId, 'moved')]
  const [one, two] = [await world.elsewhere(leila), await world.elsewhere(leila)]
  let added: Promise<string> | undefined
  await one.transaction(async (query) => {
    await query('update deed_items set parent_deed_item_id = $2 where deed_item_id = $1', [moved, top])
    added = newItem(two, deedId, 'child', moved)
    await world.someoneWaits()
  })
  expect(await levels(top, moved, (await added) ?? '')).toEqual([1, 2, 3])
})

test('TREE-3 names are unique among the live siblings, whatever their case and composition', async () => {
  const deedId = await newDeed(leila, 'Prayer')
  const top = await newItem(leila, deedId, 'Café')
  expect(await refusal(newItem(leila, deedId, 'CAFE\u0301'))).toBe('23505 deed_items_name_key')
  expect(await refusal(newItem(leila, deedId, 'café', top))).toBe('accepted')
  const other = await newItem(leila, deedId, 'Tea')
  expect(await rename(other, 'cafÉ')).toBe('23505 deed_items_name_key')
  expect(await rename(other, 'TEA')).toBe('accepted')
  await leila.transaction((query) => remove(query, 'deed_item', other, { deed_items: `deed_item_id = ${other}` }))
  expect(await refusal(newItem(leila, deedId, 'Tea'))).toBe('accepted')
})

test('TREE-3 names are unique among the live deeds of a category', async () => {
  const deedId = await newDeed(leila, 'Élan')
  expect(await refusal(newDeed(leila, 'e\u0301lan'))).toBe('23505 deeds_name_key')
  expect(await refusal(newDeed(leila, 'Élan', 'count', 'saiyyiaat'))).toBe('accepted')
  expect(await refusal(newDeed(await world.newPerson(`other_${count}`), 'Élan'))).toBe('accepted')
  await leila.transaction((query) => remove(query, 'deed', deedId, { deeds: `deed_id = ${deedId}` }))
  expect(await refusal(newDeed(leila, 'élan'))).toBe('accepted')
  const back = leila.query(
    'update deeds set deleted_at = null, deleted_by = null, deletion_id = null where deed_id = $1',
    [deedId],
  )
  expect(await refusal(back)).toBe('23505 deeds_name_key')
})

test('IMP-1 an external key is unique among an owner’s live deeds and items', async () => {
  const insert = (name: string) =>
    refusal(
      leila.query(
        "insert into deeds (user_id, category_type, name, measure_type, external_key) values ($1, 'hasanaat', $2, 'count', 'loop:Run')",
        [leila.id, name],
      ),
    )
  expect(await insert('Run')).toBe('accepted')
  expect(await insert('Another')).toBe('23505 deeds_external_key_key')
})

test('TREE-4 a deletion stamps all that is live below, and leaves nothing live behind', async () => {
  const deedId = await newDeed(leila, 'Prayer')
  const [a, b] = (await chain(deedId, 2)) as [string, string]
  expect(
    await refusal(leila.transaction((query) => remove(query, 'deed_item', a, { deed_items: `deed_item_id = ${a}` }))),
  ).toBe('KT409 deletion_incomplete')
  expect(
    await refusal(leila.transaction((query) => remove(query, 'deed', deedId, { deeds: `deed_id = ${deedId}` }))),
  ).toBe('KT409 deletion_incomplete')
  await leila.transaction((query) =>
    remove(query, 'deed', deedId, { deeds: `deed_id = ${deedId}`, deed_items: `deed_id = ${deedId}` }),
  )
  expect(await refusal(newItem(leila, deedId, 'late'))).toBe('KT409 parent_deleted')
  const restore = (condition: string) =>
    refusal(
      leila.query(`update deed_items set deleted_at = null, deleted_by = null, deletion_id = null where ${condition}`),
    )
  expect(await restore(`deed_item_id = ${a}`)).toBe('KT409 parent_deleted')
  await leila.query('update deeds set deleted_at = null, deleted_by = null, deletion_id = null where deed_id = $1', [
    deedId,
  ])
  expect(await restore(`deed_item_id = ${b}`)).toBe('KT409 parent_deleted')
  expect(await restore(`deed_id = ${deedId}`)).toBe('accepted')
})

test('TREE-4 a stamp is complete, and names a deletion of the same owner', async () => {
  const deedId = await newDeed(leila, 'Prayer')
  expect(await refusal(leila.query('update deeds set deleted_at = now() where deed_id = $1', [deedId]))).toBe(
    '23514 deeds_deletion_check',
  )
  const foreign = leila.query(
    'update deeds set deleted_at = now(), deleted_by = $2, deletion_id = gen_random_uuid() where deed_id = $1',
    [deedId, leila.id],
  )
  expect(await refusal(foreign)).toBe('23503 deeds_user_id_deletion_id_fkey')
})

test('a person has at most 100 live deeds, a deed at most 500 live items', async () => {
  const deeds = (from: number, to: number) =>
    leila.query(
      "insert into deeds (user_id, category_type, name, measure_type) select $1, 'hasanaat', 'deed ' || n, 'count' from generate_series($2::int, $3) as n returning deed_id",
      [leila.id, from, to],
    )
  const deedId = only(await deeds(1, 100))
  expect(await refusal(deeds(101, 101))).toBe('KT409 too_many_deeds')
  await leila.transaction((query) => remove(query, 'deed', deedId, { deeds: "name = 'deed 100'" }))
  expect(await refusal(deeds(101, 101))).toBe('accepted')
  const items = (from: number, to: number) =>
    refusal(
      leila.query(
        "insert into deed_items (user_id, deed_id, name) select $1, $2, 'item ' || n from generate_series($3::int, $4) as n",
        [leila.id, deedId, from, to],
      ),
    )
  expect(await items(1, 501)).toBe('KT409 too_many_items')
  expect(await items(1, 500)).toBe('accepted')
  expect(await items(501, 501)).toBe('KT409 too_many_items')
})

test('texts and columns keep their bounds, and a viewer chooses no ids', async () => {
  const insert = (columns: string, values: string) =>
    refusal(
      leila.query(
        `insert into deeds (user_id, category_type, name, measure_type, ${columns}) values ($1, 'hasanaat', 'x', 'scale', ${values})`,
        [leila.id],
      ),
    )
  expect(await refusal(newDeed(leila, ' \t'))).toBe('23514 deeds_name_check')
  expect(await refusal(newDeed(leila, 'x'.repeat(201)))).toBe('23514 deeds_name_check')
  expect(await insert('description', "repeat('x', 2001)")).toBe('23514 deeds_description_check')
  expect(await insert('unit', "'pages'")).toBe('23514 deeds_unit_check')
  expect(await insert('deed_id', '1')).toBe('42501')
  expect(await insert('version', '7')).toBe('42501')
})

test('the version rises when something changes, and only then', async () => {
  const deedId = await newDeed(leila, 'Prayer')
  const set = async (name: string) =>
    only(await leila.query('update deeds set name = $2 where deed_id = $1 returning version', [deedId, name]))
  expect(await set('Prayers')).toBe(2)
  expect(await set('Prayers')).toBe(2)
  expect(await set('Prayer')).toBe(3)
})

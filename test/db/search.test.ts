// Who finds what, and by which way.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { connected } from '../support/database.ts'
import { find, kinds, newPair, remove, restore } from './search-world.ts'
import { grant, newDeed, newItem, newWorld, only, record, revoke, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await newWorld()
})
afterAll(() => world.stop())

describe('who finds what', () => {
  test('SHA-6 somebody else’s deed is found by its name alone, items with what is below a grant, notes only where they are shared', async () => {
    const { owner, viewer, relation } = await newPair(world)
    const deed = await newDeed(owner, 'Prayer')
    await owner.query("update deeds set description = 'my secret plan' where deed_id = $1", [deed])
    const parent = await newItem(owner, deed, 'Obligatory prayer')
    const child = await newItem(owner, deed, 'Dawn prayer', parent)
    const other = await newItem(owner, deed, 'Hidden prayer')
    for (const item of [child, other]) await record(owner, owner, item, '2026-01-01', 1, 'a prayer with tears')
    expect(await find(viewer, 'prayer')).toEqual([])

    const permission = await grant(owner, viewer, relation, parent)
    const items = [`deed_item ${child}`, `deed_item ${parent}`]
    expect((await find(viewer, 'prayer')).sort()).toEqual([`deed ${deed}`, ...items].sort())
    expect(await find(viewer, 'secret')).toEqual([])
    expect(await find(viewer, 'prayer plan')).toEqual([])
    expect(await find(viewer, '-secret prayer')).toContain(`deed ${deed}`)
    expect(await find(viewer, 'tears')).toEqual([])
    expect(await find(owner, 'tears')).toHaveLength(2)
    expect(await find(owner, 'plan')).toEqual([`deed ${deed}`])

    await revoke(owner, permission)
    expect(await find(viewer, 'prayer')).toEqual([])
    await grant(owner, viewer, relation, child, { notes: true })
    expect(await find(viewer, 'tears')).toEqual([`note ${child} 2026-01-01`])
    expect(await find(viewer, 'obligatory')).toEqual([])
  })

  test('SHA-6 journal and letters are found by their owner alone', async () => {
    const { owner, viewer, relation } = await newPair(world)
    const item = await newItem(owner, await newDeed(owner, 'Deed'), 'Item')
    await grant(owner, viewer, relation, item, { type: 'write', notes: true })
    const reflection = only(
      await owner.query(
        `insert into reflection_messages (user_id, reflection_date, type, message) values ($1, '2026-03-01', 'general', 'patience with family')
         returning reflection_message_id`,
        [owner.id],
      ),
    )
    const message = only(
      await owner.query(
        "insert into messages (user_id, author, author_id, content) values ($1, 'user', $1, 'patience with the explorer') returning message_id",
        [owner.id],
      ),
    )
    expect((await find(owner, 'patience')).sort()).toEqual([`message ${message}`, `reflection ${reflection}`])
    expect(await find(viewer, 'patience')).toEqual([])
    await owner.query('update reflection_messages set deleted_at = now() where user_id = $1', [owner.id])
    expect(await find(owner, 'patience')).toEqual([`message ${message}`])
  })

  test('SHA-9 a grant that has run out by the clock finds nothing, nor notes that have', async () => {
    const { owner, viewer, relation } = await newPair(world)
    const item = await newItem(owner, await newDeed(owner, 'Quiet'), 'Prayer')
    await record(owner, owner, item, '2026-01-01', 1, 'tears')
    await grant(owner, viewer, relation, item, { notes: true, expiresAt: '2999-01-01' })
    expect(await find(viewer, 'prayer or tears or quiet')).toHaveLength(3)
    // Nothing tells the tables: the clock alone ends it.
    const expire = (column: string) =>
      world.admin(`update item_access set ${column} = now() where user_id = $1`, [owner.id])
    await expire('notes_expires_at')
    expect(await find(viewer, 'tears')).toEqual([])
    await expire('expires_at')
    expect(await find(viewer, 'prayer or tears or quiet')).toEqual([])
  })

  test('SHA-8 a rank is the same whether or not others wrote anything, and whatever is not shared', async () => {
    const { owner, viewer, relation } = await newPair(world)
    const deed = await newDeed(owner, 'Prayer')
    const item = await newItem(owner, deed, 'Dawn prayer')
    await grant(owner, viewer, relation, item, { notes: true })
    await record(owner, owner, item, '2026-01-01', 1, 'a prayer in the rain')
    const ranks = async () => viewer.query('select * from find_documents($1, $2) order by kind', ['prayer', kinds])
    const before = await ranks()
    expect(before).toHaveLength(3)
    await owner.query("update deeds set description = 'prayer prayer prayer' where deed_id = $1", [deed])
    const hidden = await newItem(owner, deed, 'Prayer prayer prayer')
    await record(owner, owner, hidden, '2026-01-01', 1, 'prayer')
    const stranger = await world.newPerson('stranger')
    for (let n = 0; n < 20; n += 1) await newDeed(stranger, `Prayer ${n}`)
    expect(await ranks()).toEqual(before)
  })

  test('nobody finds anything without a viewer, and the application reads no document', async () => {
    const client = await connected(world.database.connections.forRole('kitaab_app'))
    expect((await client.query('select from find_documents($1, $2)', ['prayer', kinds])).rowCount).toBe(0)
    await expect(client.query('select from search_documents')).rejects.toMatchObject({ code: '42501' })
    await client.end()
  })

  test('TREE-4 TREE-5 what was deleted is not found, what was restored is; hidden things are', async () => {
    const { owner } = await newPair(world)
    const deed = await newDeed(owner, 'Reading')
    const item = await newItem(owner, deed, 'Quran')
    await record(owner, owner, item, '2026-01-01', 1, 'two pages')
    const all = [`deed ${deed}`, `deed_item ${item}`, `note ${item} 2026-01-01`]
    const every = 'reading or quran or pages'
    expect((await find(owner, every)).sort()).toEqual(all)
    await owner.query('update deed_items set is_active = false where deed_item_id = $1', [item])
    expect((await find(owner, every)).sort()).toEqual(all)
    const deletion = await remove(owner, 'deed_items', item, 'deed_item_id = $1', [item])
    expect(await find(owner, every)).toEqual([`deed ${deed}`])
    await restore(owner, 'deed_items', deletion)
    expect((await find(owner, every)).sort()).toEqual(all)
    await owner.query('update entries set deleted_at = now() where deed_item_id = $1', [item])
    expect(await find(owner, 'pages')).toEqual([])
    await record(owner, owner, item, '2026-01-01', 2, 'three pages')
    expect(await find(owner, 'three')).toEqual([`note ${item} 2026-01-01`])
  })
})

test('a search goes by the index to the documents of its owners, and touches nobody else’s', async () => {
  const { owner, viewer, relation } = await newPair(world)
  const item = await newItem(owner, await newDeed(owner, 'Deed'), 'Prayer')
  await grant(owner, viewer, relation, item)
  await newDeed(viewer, 'Prayer')
  await world.admin(
    `insert into search_documents (user_id, kind, object_id, vector)
     select 1000000 + n % 300, 'deed', n, search_vector(1000000 + n % 300, 'Prayer ' || n, null, null) from generate_series(1, 6000) as n`,
  )
  await world.database.superuser.query('vacuum analyze search_documents')
  const client = await connected(world.database.connections.forAdministrator())
  const plans: string[] = []
  client.on('notice', ({ message = '' }) => plans.push(message))
  await client.query("load 'auto_explain'")
  await client.query(
    `set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on; set auto_explain.log_timing = off;
     set auto_explain.log_nested_statements = on; set auto_explain.log_level = notice`,
  )
  await client.query("select set_config('app.user_id', $1, false)", [viewer.id])
  for (const asked of ['prayer', 'pra', '-fasting']) {
    plans.length = 0
    expect((await client.query('select from find_documents($1, $2)', [asked, kinds])).rowCount).toBeGreaterThan(1)
    const searches = plans.filter((plan) => plan.includes('search_documents'))
    expect(searches).toHaveLength(2)
    for (const plan of searches) {
      expect(plan).toContain('Bitmap Index Scan on search_documents_vector_idx')
      expect(plan).not.toMatch(/Seq Scan on search_documents/)
      const [, rows] = /Bitmap Index Scan on search_documents_vector_idx.*?actual rows=([\d.]+)/.exec(plan) ?? []
      expect(Number(rows)).toBeLessThan(10)
    }
  }
  await client.end()
}, 30_000)

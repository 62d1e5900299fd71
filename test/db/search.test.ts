// What the database finds, for whom, and by which way.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { connected } from '../support/database.ts'
import {
  befriend,
  grant,
  newDeed,
  newItem,
  newWorld,
  only,
  type Person,
  type Row,
  record,
  revoke,
  type World,
} from './world.ts'

let world: World
let count = 0
beforeAll(async () => {
  world = await newWorld()
})
afterAll(() => world.stop())

const kinds = '{deed,deed_item,note,reflection,message}'

/** What a person finds, the best first: `kind object date`. */
async function find(person: Person, text: string, among = kinds): Promise<string[]> {
  const rows = await person.query(
    `select kind || ' ' || object_id || case when kind = 'note' then ' ' || on_date else '' end as place
     from find_documents($1, $2) order by rank desc, on_date desc, kind desc, owner_id desc, object_id desc`,
    [text, among],
  )
  return rows.map((row) => row.place)
}

async function newPair() {
  count += 1
  const owner = await world.newPerson(`owner_${count}`)
  const viewer = await world.newPerson(`viewer_${count}`)
  return { owner, viewer, relation: await befriend(viewer, owner) }
}

async function remove(owner: Person, table: 'deeds' | 'deed_items', key: string, where: string, values: unknown[]) {
  return owner.transaction(async (query) => {
    const deletion = only(
      await query(
        "insert into deletions (user_id, kind, root_id, label, deleted_by) values ($1, $2, $3, 'it', $1) returning deletion_id",
        [owner.id, table === 'deeds' ? 'deed' : 'deed_item', key],
      ),
    )
    await query(
      `update ${table} set deleted_at = now(), deleted_by = user_id, deletion_id = '${deletion}' where ${where}`,
      values,
    )
    return deletion
  })
}

const restore = (owner: Person, table: string, deletion: string) =>
  owner.query(`update ${table} set deleted_at = null, deleted_by = null, deletion_id = null where deletion_id = $1`, [
    deletion,
  ])

describe('words', () => {
  const same: [string, string][] = [
    ['صلاة', 'صَلَاةٌ'],
    ['الصلاة', 'صَلَاةُ الفَجْر'],
    ['صلاة الفجر', 'الصَّلَاة قبل فجر اليوم'],
    ['قران', 'قرأت القُرْآنَ'],
    ['القرآن', 'قرآن'],
    ['رحمن', 'الرَّحْمٰن'],
    ['احمد', 'أحمد'],
    ['إسلام', 'اسلام'],
    ['على', 'علي'],
    ['ركعة', 'ركعات'],
    ['والصلاة', 'صلاة'],
    ['كتـــاب', 'كتاب'],
    ['quran', 'Qurʾān'],
    ['Qur’an', "the Qur'an"],
    ['duha', 'Ḍuḥā'],
    ['asr', 'ʿAṣr'],
    ['praying', 'I prayed'],
    ['PRAYER', 'prayers'],
    ['mos', 'the mosque'],
    ['الصل', 'الصلاة'],
    ['Fatiha', 'Al-Fatiha, twice'],
    ['٣', '3 ركعات'],
    ['fajr صلاة', 'صلاة Fajr في المسجد'],
    ['istanbul', 'İSTANBUL'],
    ['"two rakahs"', 'prayed two rakahs'],
    ['dawn or night', 'a night prayer'],
    ['prayer -dawn', 'a night prayer'],
    ['to be or not to be', 'be'],
    ['the', 'then'],
    ['1e5', '1e5'],
  ]
  test.each(same)('“%s” finds “%s”', async (asked, written) => {
    const { owner } = await newPair()
    const deed = await newDeed(owner, written)
    expect(await find(owner, asked)).toEqual([`deed ${deed}`])
  })

  const different: [string, string][] = [
    ['"rakahs two"', 'two rakahs'],
    ['dawn prayer', 'dawn'],
    ['prayer -dawn', 'dawn prayer'],
    ['mos prayer', 'mosque prayer'],
    ['صوم', 'صلاة'],
    ['osque', 'mosque'],
  ]
  test.each(different)('“%s” does not find “%s”', async (asked, written) => {
    const { owner } = await newPair()
    await newDeed(owner, written)
    expect(await find(owner, asked)).toEqual([])
  })

  const hostile = [
    "' & | ! <-> :*",
    "'",
    "''",
    '\\',
    '"',
    '""" "" "',
    '- - -',
    '!!!',
    ':*',
    '<->',
    '( ) & ( |',
    "'); drop table users; --",
    '%_',
    '\u200f\u202e',
    'ء',
    '🙂🙂',
    'or',
    '-',
    '-or or-',
    '\n\t',
    'a:*b | c',
    '"unfinished phrase',
    'x'.repeat(20_000),
    'x '.repeat(10_000),
    '"x" -'.repeat(2_000),
    'ا'.repeat(5_000),
  ]
  test.each(hostile.map((asked) => [asked.slice(0, 30), asked]))(
    '%j finds no more than is there, and breaks nothing',
    async (_start, asked) => {
      const { owner } = await newPair()
      await newDeed(owner, 'Prayer')
      expect(await find(owner, asked)).toEqual([])
    },
  )

  test('any text can be written and searched for', async () => {
    const { owner } = await newPair()
    const deed = await newDeed(owner, 'Text')
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
        const clean = text.replaceAll('\u0000', '')
        await owner.query('update deeds set description = $1 where deed_id = $2', [clean, deed])
        await find(owner, clean)
        await owner.query('select search_matches($1, $2)', [[clean.replaceAll('\n', ' ')], clean])
      }),
      { numRuns: 100 },
    )
  })

  test('a word longer than any is found by its beginning', async () => {
    const { owner } = await newPair()
    const deed = await newDeed(owner, 'Text')
    await owner.query('update deeds set description = $1 where deed_id = $2', ['y'.repeat(2_000), deed])
    expect(await find(owner, 'y'.repeat(2_000))).toEqual([`deed ${deed}`])
    expect(await find(owner, 'yyy')).toEqual([`deed ${deed}`])
  })

  test('names count for more than descriptions, those for more than notes', async () => {
    const { owner } = await newPair()
    const described = await newDeed(owner, 'Charity')
    await owner.query("update deeds set description = 'Before each prayer' where deed_id = $1", [described])
    const item = await newItem(owner, described, 'Coins')
    await record(owner, owner, item, '2026-01-01', 1, 'after the prayer')
    await record(owner, owner, item, '2026-01-02', 1, 'after the prayer')
    const named = await newDeed(owner, 'Prayer')
    expect(await find(owner, 'prayer')).toEqual([
      `deed ${named}`,
      `deed ${described}`,
      `note ${item} 2026-01-02`,
      `note ${item} 2026-01-01`,
    ])
    expect(await find(owner, 'prayer', '{note}')).toHaveLength(2)
  })
})

describe('who finds what', () => {
  test('SHA-6 somebody else’s deed is found by its name alone, items with what is below a grant, notes only where they are shared', async () => {
    const { owner, viewer, relation } = await newPair()
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
    const { owner, viewer, relation } = await newPair()
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
    const { owner, viewer, relation } = await newPair()
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
    const { owner, viewer, relation } = await newPair()
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
    const stranger = await world.newPerson(`stranger_${count}`)
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
    const { owner } = await newPair()
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

const words = fc.constantFrom('prayer', 'صلاة', 'Qurʾān', 'dawn', 'night', '-', '"', "'")
const text = fc.array(words, { minLength: 1, maxLength: 4 }).map((some) => `x ${some.join(' ')}`)
const place = fc.nat({ max: 7 })
const step = fc.oneof(
  fc.record({ do: fc.constant('rename' as const), item: place, text }),
  fc.record({ do: fc.constant('describe' as const), item: place, text: fc.option(text) }),
  fc.record({ do: fc.constant('record' as const), item: place, day: fc.nat({ max: 3 }), text: fc.option(text) }),
  fc.record({ do: fc.constant('bulk' as const), day: fc.nat({ max: 3 }), text: fc.option(text) }),
  fc.record({ do: fc.constant('clear' as const), item: place }),
  fc.record({ do: fc.constant('erase' as const), item: place }),
  fc.record({ do: fc.constant('delete' as const), item: place }),
  fc.record({ do: fc.constant('restore' as const) }),
  fc.record({ do: fc.constant('reflect' as const), day: fc.nat({ max: 3 }), text: fc.option(text) }),
  fc.record({ do: fc.constant('write' as const), text }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

interface Scene {
  owner: Person
  items: string[]
  deletions: string[]
}

async function take({ owner, items, deletions }: Scene, what: Step): Promise<unknown> {
  const item = 'item' in what ? (items[what.item % items.length] ?? '') : ''
  switch (what.do) {
    case 'rename':
      return owner.query('update deed_items set name = $1 || deed_item_id where deed_item_id = $2', [what.text, item])
    case 'describe':
      return owner.query('update deed_items set description = $1 where deed_item_id = $2', [what.text, item])
    case 'record':
      return world.admin(
        `insert into entries (user_id, deed_item_id, entry_date, count_value, notes, created_by_user_id, updated_by_user_id)
         select user_id, deed_item_id, date '2026-01-01' + $2::integer, 1, $3, user_id, user_id from deed_items
         where deed_item_id = $1 and deleted_at is null
         on conflict (user_id, deed_item_id, entry_date) do update set notes = excluded.notes, deleted_at = null`,
        [item, what.day, what.text],
      )
    case 'bulk':
      return world.admin(
        `insert into entries (user_id, deed_item_id, entry_date, count_value, notes, created_by_user_id, updated_by_user_id)
         select user_id, deed_item_id, date '2026-01-01' + $2::integer, 1, case when deed_item_id % 2 = 0 then $3 end, user_id, user_id from deed_items
         where user_id = $1 and deleted_at is null
         on conflict (user_id, deed_item_id, entry_date) do update set notes = excluded.notes, deleted_at = null`,
        [owner.id, what.day, what.text],
      )
    case 'clear':
      return owner.query('update entries set deleted_at = now() where deed_item_id = $1 and deleted_at is null', [item])
    case 'erase':
      return world.admin('delete from entries where deed_item_id = $1', [item])
    case 'delete':
      return deletions.push(await remove(owner, 'deed_items', item, 'deed_item_id = $1 and deleted_at is null', [item]))
    case 'restore':
      return restore(owner, 'deed_items', deletions.pop() ?? crypto.randomUUID())
    case 'reflect':
      return world.admin(
        `insert into reflection_messages (user_id, reflection_date, type, message) values ($1, date '2026-01-01' + $2::integer, 'general', coalesce($3, 'none'))
         on conflict (user_id, reflection_date, type) do update set message = excluded.message, deleted_at = case when $3::text is null then now() end`,
        [owner.id, what.day, what.text],
      )
    case 'write':
      return world.admin("insert into messages (user_id, author, author_id, content) values ($1, 'user', $1, $2)", [
        owner.id,
        what.text,
      ])
  }
}

test('after any changes the documents are those that a rebuild would make', async () => {
  const documents = (from: string) =>
    world.admin(`select user_id, kind, object_id, on_date::text, vector::text from (${from}) as d order by 1, 2, 3, 4`)
  const rebuilt =
    'select user_id, kind, object_id, on_date, search_vector(user_id, name, description, body) as vector from search_sources'
  let seen = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      count += 1
      const owner = await world.newPerson(`writer_${count}`)
      const deed = await newDeed(owner, 'Deed')
      const items: string[] = []
      for (let n = 0; n < 4; n += 1) items.push(await newItem(owner, deed, `item ${n}`))
      const scene = { owner, items, deletions: [] }
      for (const what of steps) await take(scene, what)
      const stored: Row[] = await documents('select * from search_documents')
      seen += stored.length
      expect(stored).toEqual(await documents(rebuilt))
    }),
    { numRuns: 25 },
  )
  expect(seen).toBeGreaterThan(200)
}, 60_000)

test('a search goes by the index to the documents of its owners, and touches nobody else’s', async () => {
  const { owner, viewer, relation } = await newPair()
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

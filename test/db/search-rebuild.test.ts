// Whatever is done, the documents are those that a rebuild would make.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { remove, restore } from './search-world.ts'
import { newDeed, newItem, newWorld, type Person, type Row, type World } from './world.ts'

let world: World
let count = 0
beforeAll(async () => {
  world = await newWorld()
})
afterAll(() => world.stop())

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

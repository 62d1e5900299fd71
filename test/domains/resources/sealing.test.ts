import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { contentOf, resealResources, sealedContent } from '../../../src/domains/resources/sealing.ts'
import type { DB } from '../../../src/generated/database.ts'
import { withKysely } from '../../../src/platform/database/migrator.ts'
import { makeSeals, type SealingKey } from '../../../src/platform/sealed-values.ts'
import { newDatabase, type TestDatabase } from '../../support/database.ts'
import { newUser } from '../../support/people.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await newDatabase()
})
afterAll(() => database.stop())

test('after a rotation all is sealed by the newest key, and opens without the older one', async () => {
  const [older, newer, lost]: SealingKey[] = ['older', 'newer', 'lost'].map((id) => ({ id, key: randomBytes(32) }))
  if (!older || !newer || !lost) throw new Error('no keys')
  const { userId } = await newUser(database, 'Leila')
  const content = { description: 'ما لا يُرى', metadata: { code: 7 } }
  for (const [resourceId, key] of [older, newer, lost].entries()) {
    const place = { ownerId: userId, resourceId: String(resourceId + 1) }
    await database.admin.query(
      `insert into resources (user_id, resource_id, type, name, is_sensitive, ciphertext, key_id)
       values ($1, $2, 'safe', 'A safe', true, $3, $4)`,
      [
        userId,
        place.resourceId,
        sealedContent(
          content,
          place,
          makeSeals(() => [key]),
        ),
        key.id,
      ],
    )
  }
  const both = makeSeals(() => [newer, older])
  const reseal = () =>
    withKysely<number, DB>(database.connections.forRole('kitaab_worker'), (db) => resealResources(db, both))
  expect(await reseal()).toBe(1)
  expect(await reseal()).toBe(0)
  const { rows } = await database.admin.query(
    `select user_id as "ownerId", resource_id as "resourceId", ciphertext, key_id, version from resources order by resource_id`,
  )
  expect(rows).toMatchObject([
    { key_id: 'newer', version: 1 },
    { key_id: 'newer', version: 1 },
    { key_id: 'lost', version: 1 },
  ])
  const alone = makeSeals(() => [newer])
  expect(contentOf(rows[0], alone)).toEqual(content)
  expect(contentOf(rows[1], alone)).toEqual(content)
  expect(() => contentOf(rows[2], alone)).toThrow('can’t be opened')
})

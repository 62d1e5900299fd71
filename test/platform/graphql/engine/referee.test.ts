import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { buildSchema } from 'graphql'
import { demoWorld } from '../../../../db/demo/world.ts'
import { loadDemoWorld } from '../../../../src/domains/transfer/demo/load.ts'
import type { DB } from '../../../../src/generated/database.ts'
import { withKysely } from '../../../../src/platform/database/migrator.ts'
import { readSchemaText } from '../../../../src/platform/graphql/schema.ts'
import { randomDocuments } from '../../../support/random-documents.ts'
import { startService, type TestService, type TestUser } from '../../../support/service.ts'

// The service of every test answers each query by both engines, and fails at its end when they differ. Here it is asked what no test asks.
let service: TestService
let leila: TestUser
let ids: string[]

beforeAll(async () => {
  const plenty = 1_000_000
  service = await startService({
    limits: { cost: plenty, depth: plenty, aliases: plenty, rootFields: plenty, directives: plenty, tokens: plenty },
  })
  await withKysely<void, DB>(service.database.connections.forRole('kitaab_admin'), (db) =>
    loadDemoWorld(db, demoWorld, { hashPassword: async () => 'a hash' }),
  )
  leila = await signedIn('leila')
  ids = await someIds(leila)
})
afterAll(() => service.stop())

test('random documents over the whole schema are answered alike by both engines', async () => {
  const schema = buildSchema(readSchemaText())
  const roots = Object.keys(schema.getQueryType()?.getFields() ?? {})
  const before = service.compared()
  let valid = 0
  await fc.assert(
    fc.asyncProperty(randomDocuments(schema, { roots, ids, depth: 6 }), async ({ query, variables }) => {
      const { data, errors } = await service.execute(query, variables, { as: leila })
      if (data !== undefined || errors?.[0]?.extensions.reason !== 'INVALID_DOCUMENT') valid += 1
      service.assertEnginesAgree()
    }),
    { numRuns: 300, endOnFailure: true },
  )
  expect((globalThis as { broken?: number }).broken).toBeUndefined()
  // Most of them are documents, and most of those are compiled.
  expect(valid).toBeGreaterThan(150)
  expect(service.compared() - before).toBeGreaterThan(60)
}, 120_000)

async function signedIn(username: string): Promise<TestUser> {
  const { rows } = await service.database.admin.query(
    `insert into sessions (user_id, ip, user_agent, expires_at)
     select user_id, '127.0.0.1', 'a test', now() + interval '1 day' from users where username = $1 returning user_id, session_id`,
    [username],
  )
  return { userId: String(rows[0].user_id), sessionId: rows[0].session_id }
}

async function someIds(as: TestUser): Promise<string[]> {
  const { data } = await service.execute(
    `{ me { id user { id deeds { id items { id children { id entry { id } } } scale { id values { id } } } }
       merits(first: 3) { nodes { id } } relations(first: 5) { nodes { id requestee { id } requester { id } } } } }`,
    {},
    { as },
  )
  return [...JSON.stringify(data).matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id as string)
}

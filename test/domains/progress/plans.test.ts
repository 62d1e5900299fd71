// What recording asks is planned a few times on a connection, and then run by the plan that was kept.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { CompiledQuery } from 'kysely'
import pg from 'pg'
import { situationsOf } from '../../../src/domains/entries/queries/situations.ts'
import { upsertEntries } from '../../../src/domains/entries/queries/writes.ts'
import { measureGoalsMovedBy } from '../../../src/domains/progress/queries/measure.ts'
import { kyselyOn, refuseStream } from '../../../src/platform/database/dialect.ts'
import type { Database } from '../../../src/platform/database/types.ts'
import { wireValues } from '../../../src/platform/database/wire-values.ts'
import { parseGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { startService, type TestService } from '../../support/service.ts'
import { newBook, pages } from './book.ts'

let service: TestService
let client: pg.Client
beforeAll(async () => {
  service = await startService()
  client = new pg.Client(service.database.connections.forRole('kitaab_app'))
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await service.stop()
})

async function statementOf(ask: (db: Database) => Promise<unknown>): Promise<CompiledQuery> {
  const sent: CompiledQuery[] = []
  const executeQuery = async (query: CompiledQuery) => {
    sent.push(query)
    return { rows: [] }
  }
  await ask(kyselyOn({ executeQuery, streamQuery: refuseStream }))
  const [statement] = sent
  if (!statement) throw new Error('nothing was sent')
  return statement
}

test('situation, writing and measuring are not planned anew for each record', async () => {
  const book = await newBook(service)
  await book.newMerit({ startDate: book.today, durationDays: 9, items: [{ itemId: book.items.Quran, ...pages('3') }] })
  const { ownerId = '', itemId = '' } = parseGlobalId(book.items.Page ?? '')?.parts ?? {}
  const day = { ownerId, itemId, date: book.today }
  const value = { count: '1', scaleId: null, scaleValueId: null, notes: null }
  const asked = {
    situation: (db: Database) => situationsOf(db, ownerId, [day]),
    writing: (db: Database) => upsertEntries(db, ownerId, [{ ...day, rowVersion: 0, value }]),
    measuring: (db: Database) => measureGoalsMovedBy(db, ownerId, [day]),
  }
  await client.query('begin')
  await client.query('select from enter_as($1)', [ownerId])
  for (const [name, ask] of Object.entries(asked)) {
    const { sql: text, parameters } = await statementOf(ask)
    // PostgreSQL compares the plan for any values with those for five sets of them.
    for (let turn = 0; turn < 8; turn += 1) await client.query({ name, text, values: wireValues(parameters) })
  }
  const { rows } = await client.query(
    'select name, generic_plans::int as kept from pg_prepared_statements order by name',
  )
  await client.query('rollback')
  expect(rows).toEqual(
    Object.keys(asked)
      .toSorted()
      .map((name) => ({ name, kept: 3 })),
  )
})

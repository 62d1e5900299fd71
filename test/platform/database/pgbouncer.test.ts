// Behind a pooler that hands each transaction to whatever connection is free.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { newDatabase, type TestDatabase } from '../../support/database.ts'
import { newUser } from '../../support/people.ts'
import { type Pooler, startPgbouncer } from '../../support/pgbouncer.ts'
import { startService } from '../../support/service.ts'

let database: TestDatabase
let pooler: Pooler | null
beforeAll(async () => {
  database = await newDatabase()
  pooler = await startPgbouncer(database)
})
afterAll(async () => {
  await pooler?.stop()
  await database.stop()
})

const createDeed = `mutation ($name: String!) {
  createDeed(input: { category: HASANAAT, name: $name, measure: COUNT, items: [{ name: $name }] }) { deed { id } }
}`
const mine =
  '{ me { user { fullName deeds { name itemTree { name latestEntry { count } } } } settings { key value } } }'
const set = 'mutation ($value: JSON!) { setUserSetting(input: { key: "turn", value: $value }) { setting { value } } }'

test('whoever shares connections with others reads and writes as themselves alone', async () => {
  if (!pooler) return
  const service = await startService({ database: { ...database, connections: pooler.connections } })
  const names = ['Leila', 'Budi', 'Maryam', 'Umar', 'Sara', 'Yusuf']
  const people = []
  for (const name of names) people.push(await newUser(database, name))
  const turns = people.map(async (as, index) => {
    const name = names[index] ?? ''
    const sent = async (query: string, variables = {}) => {
      const { data, errors } = await service.execute(query, variables, { as })
      expect(errors ?? []).toEqual([])
      return data
    }
    await sent(createDeed, { name })
    for (let turn = 0; turn < 12; turn += 1) {
      await sent(set, { value: `${name} ${turn}` })
      expect((await sent(mine)).me).toEqual({
        user: { fullName: name, deeds: [{ name, itemTree: [{ name, latestEntry: null }] }] },
        settings: [{ key: 'turn', value: `${name} ${turn}` }],
      })
    }
  })
  await Promise.all(turns)
  await service.stop()
})

test('what a session sets at its start holds there as well, by the settings of the roles', async () => {
  if (!pooler) return
  for (const [role, timeout] of [
    ['kitaab_app', '10s'],
    ['kitaab_auth', '2s'],
    ['kitaab_readonly', '2s'],
  ] as const) {
    const client = new pg.Client(pooler.connections.forRole(role))
    await client.connect()
    const shown: unknown[] = []
    for (const name of ['TimeZone', 'IntervalStyle', 'statement_timeout', 'idle_in_transaction_session_timeout'])
      shown.push(Object.values((await client.query(`show ${name}`)).rows[0])[0])
    expect([role, ...shown]).toEqual([role, 'UTC', 'iso_8601', timeout, '15s'])
    await client.end()
  }
})

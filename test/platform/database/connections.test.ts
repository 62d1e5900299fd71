import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { addressedConnections } from '../../../src/platform/database/connections.ts'
import { addressOf } from '../../support/command.ts'
import { connected, newDatabase, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await newDatabase()
})
afterAll(() => database.stop())

const url = (role: Parameters<typeof addressOf>[1]) => new URL(addressOf(database.connections, role))

async function ask(config: Parameters<typeof connected>[0], statement: string) {
  const client = await connected(config)
  return (await client.query(statement).finally(() => client.end())).rows
}

test('a role with an address of its own logs in there; nothing is sent that PgBouncer would refuse', async () => {
  const connections = addressedConnections({ app: url('kitaab_app'), auth: url('kitaab_auth'), tls: null })
  for (const role of ['kitaab_app', 'kitaab_auth'] as const) {
    const config = connections.forRole(role)
    expect(config.options).not.toContain('role=')
    expect(await ask(config, 'select session_user::text as login, current_user::text as acts')).toEqual([
      { login: role, acts: role },
    ])
  }
})

test('a login that is a member becomes the role for the session', async () => {
  const login = `one_login_${database.name}`
  await database.superuser.query(`create role ${login} login in role kitaab_app, kitaab_auth, kitaab_admin`)
  const app = url('kitaab_app')
  app.username = login
  const connections = addressedConnections({ app, tls: null })
  for (const role of ['kitaab_app', 'kitaab_auth', 'kitaab_admin'] as const) {
    expect(
      await ask(connections.forRole(role), 'select session_user::text as login, current_user::text as acts'),
    ).toEqual([{ login, acts: role }])
  }
  expect(await ask(connections.forAdministrator(), 'select current_user::text as acts')).toEqual([{ acts: login }])
  await database.superuser.query(`drop role ${login}`)
})

test('values that JavaScript would bend arrive as the text that PostgreSQL writes, in UTC', async () => {
  const rows = await ask(
    database.connections.forRole('kitaab_app'),
    `select 9007199254740993::int8 as int8, 0.10::numeric as numeric, date '2026-02-28' as date,
            timestamptz '2026-02-28 23:30:00.123456+02' as timestamptz, time with time zone '23:30+02' as timetz, interval '1 month 2 days' as interval,
            array[9007199254740993::int8] as int8s, array[0.10::numeric] as numerics, array[date '2026-02-28'] as dates, 7 as int4, true as bool,
            '{"a":1}'::jsonb as json`,
  )
  expect(rows).toEqual([
    {
      int8: '9007199254740993',
      numeric: '0.10',
      date: '2026-02-28',
      timestamptz: '2026-02-28 21:30:00.123456+00',
      timetz: '23:30:00+02',
      interval: 'P1M2D',
      int8s: ['9007199254740993'],
      numerics: ['0.10'],
      dates: ['2026-02-28'],
      int4: 7,
      bool: true,
      json: { a: 1 },
    },
  ])
})

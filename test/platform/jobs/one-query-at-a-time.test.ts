import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { oneQueryAtATime } from '../../../src/platform/jobs/one-query-at-a-time.ts'
import { newDatabase, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await newDatabase()
})
afterAll(() => database.stop())

test('what is asked at once is asked in turn, also behind what failed', async () => {
  const pool = new pg.Pool({ ...database.connections.forRole('kitaab_worker'), max: 1 })
  const client = await pool.connect()
  try {
    let asked = 0
    let most = 0
    const ask = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>
    client.query = (async (...given: unknown[]) => {
      asked += 1
      most = Math.max(most, asked)
      return ask(...given).finally(() => {
        asked -= 1
      })
    }) as typeof client.query
    const inTurn = oneQueryAtATime(client)
    const answers = await Promise.allSettled([
      inTurn.query('select 1 as number'),
      inTurn.query('select nothing'),
      inTurn.query('select $1::integer as number', [3]),
    ])
    expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.rows : 'failed'))).toEqual([
      [{ number: 1 }],
      'failed',
      [{ number: 3 }],
    ])
    expect(most).toBe(1)
  } finally {
    client.release()
    await pool.end()
  }
})

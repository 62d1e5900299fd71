// How PostgreSQL goes through the statements of the hot queries, as the service sends them: by their shape, never by their time.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { workloads } from '../../bench/workloads/index.ts'
import { randomFrom, type Workload } from '../../bench/workloads/workload.ts'
import { connected, newDatabase } from '../support/database.ts'
import { startService, type TestService } from '../support/service.ts'
import { type Sent, sentDuring } from '../support/statements.ts'

const size = { users: 60, days: 300, until: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10) }
const entriesOfOne = 6 * size.days

let service: TestService
beforeAll(async () => {
  const database = await newDatabase()
  await database.superuser.query(
    `set bench.users = ${size.users}; set bench.days = ${size.days}; set bench.until = '${size.until}'`,
  )
  await database.superuser.query(readFileSync(new URL('../../bench/world/generate.sql', import.meta.url), 'utf8'))
  await database.superuser.query(
    "insert into sessions (user_id, expires_at) select user_id, now() + interval '1 day' from users",
  )
  await database.superuser.query('vacuum (analyze)')
  service = await startService({ database, config: { cache: false } })
}, 60_000)
afterAll(async () => {
  await service.stop()
  await service.database.stop()
})

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: Plan[]
}

/** What is asked of the world, and the statements that it comes to. */
async function statementsOf(workload: Workload) {
  // Of several people, so that items that are shared and items that are not are asked for.
  const random = randomFrom(7)
  const asks = Array.from({ length: 4 }, () => workload.asks(size, random))
  const sent = await sentDuring(async () => {
    for (const ask of asks) {
      const as = { userId: String(ask.viewer), sessionId: await sessionOf(ask.viewer) }
      const { data } = await service.execute(workload.kitaab.query, workload.kitaab.variables(ask), { as })
      expect(data).toBeDefined()
    }
  })
  const [ask] = asks
  if (!ask) throw new Error('nothing was asked')
  return { ask, statements: [...new Map(sent.toReversed().map((each) => [each.text, each])).values()] }
}

async function sessionOf(person: number): Promise<string> {
  const { rows } = await service.database.superuser.query('select session_id from sessions where user_id = $1', [
    person,
  ])
  return rows[0].session_id
}

/** The plan of a statement, carried out as its viewer and taken back: the one for its values, and the one for any. */
async function planOf({ text, values }: Sent, mode: string, { viewer, owner }: { viewer: number; owner: number }) {
  const client = await connected(service.database.connections.forRole('kitaab_app'))
  try {
    await client.query(`begin; set local plan_cache_mode = ${mode}; set local app.user_id = '${viewer}'`)
    await client.query(`set local app.owners = '{${owner}}'; set local app.origin = 'manual'; prepare hot as ${text}`)
    const given = values.length > 0 ? `(${values.map(literal).join(', ')})` : ''
    const { rows } = await client.query(`explain (analyze, timing off, format json) execute hot${given}`)
    return flat(rows[0]['QUERY PLAN'][0].Plan)
  } finally {
    await client.end()
  }
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (!Array.isArray(value)) return pg.escapeLiteral(String(value))
  return pg.escapeLiteral(`{${value.map((each) => (each === null ? 'NULL' : JSON.stringify(String(each)))).join(',')}}`)
}

function flat(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flat)]
}

/** Analysts read finished totals, of all people and as another role. */
const ofViewers = workloads.filter(({ name }) => name !== 'analytics')

const manyRows = /^(entries|entry_history|change_log|audit_log|deed_items)(_|$)/
const years = (from: string, to: string) => [from.slice(0, 4), to.slice(0, 4)]

describe.each(['force_custom_plan', 'force_generic_plan'])('with plan_cache_mode %s', (mode) => {
  test.each(ofViewers.map((workload) => [workload.title, workload] as const))(
    '%s: indexes lead to its rows, in the partitions of its days alone',
    async (_title, workload) => {
      const { ask, statements } = await statementsOf(workload)
      const hasRange = workload.kitaab.query.includes('$range')
      let entriesRead = 0
      for (const statement of statements) {
        const scans = (await planOf(statement, mode, ask)).filter((plan) => manyRows.test(plan['Relation Name'] ?? ''))
        for (const scan of scans.filter((each) => each['Actual Loops'] > 0)) {
          const name = scan['Relation Name'] ?? ''
          const told = `${scan['Node Type']} of ${name} for ${statement.text}`
          if (scan['Node Type'] !== 'ModifyTable') expect(told).not.toMatch(/^Seq Scan/)
          const [, year] = /^entries_(\d{4})/.exec(name) ?? []
          if (!year) continue
          if (hasRange) expect(years(ask.from, ask.to)).toContain(year)
          entriesRead += (scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0)) * scan['Actual Loops']
        }
      }
      if (workload.name !== 'permission') expect(entriesRead).toBeGreaterThan(0)
      // No statement reads the same days again for each item.
      expect(entriesRead).toBeLessThanOrEqual(2 * entriesOfOne)
    },
    60_000,
  )
})

import { isDeepStrictEqual } from 'node:util'
import type { RunningServer } from '../servers/servers.ts'
import { type Row, randomFrom, type Workload } from '../workloads/workload.ts'
import type { WorldSize } from '../world/database.ts'

/** Asks every server the same, and throws at the first answer that is not the limit's, row by row and field by field. */
export async function compareAnswers(
  servers: readonly RunningServer[],
  workload: Workload,
  size: WorldSize,
  times = 40,
): Promise<void> {
  const [first, ...others] = servers
  if (!first) return
  const random = randomFrom(7)
  for (let time = 0; time < times; time += 1) {
    const ask = workload.asks(size, random)
    const expected = await rowsFrom(first, workload, ask)
    if (expected.length === 0) throw new Error(`${workload.name}: the limit has no rows for ${JSON.stringify(ask)}`)
    for (const other of others) {
      // The second to write the same finds it written.
      const wanted = workload.writes ? expected.map((row) => ({ ...row, status: 'UNCHANGED' })) : expected
      const rows = await rowsFrom(other, workload, ask)
      if (!isDeepStrictEqual(rows, wanted))
        throw new Error(
          `${workload.name}: ${other.name} does not answer as ${first.name} for ${JSON.stringify(ask)}\n${firstDifference(rows, wanted)}`,
        )
    }
  }
}

async function rowsFrom(server: RunningServer, workload: Workload, ask: Parameters<RunningServer['request']>[1]) {
  const { path, headers, body } = await server.request(workload, ask)
  const response = await fetch(server.url + path, { method: 'POST', headers, body })
  const text = await response.text()
  if (!response.ok) throw new Error(`${server.name} answered ${response.status}: ${text.slice(0, 500)}`)
  return server.rows(workload, JSON.parse(text), ask).map(ordered).sort(byText)
}

function ordered(row: Row): Row {
  return Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function byText(a: Row, b: Row): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}

function firstDifference(rows: readonly Row[], wanted: readonly Row[]): string {
  const at = wanted.findIndex((row, index) => !isDeepStrictEqual(row, rows[index]))
  return `${rows.length} rows instead of ${wanted.length}; row ${at}:\n  ${JSON.stringify(rows[at])}\n  ${JSON.stringify(wanted[at])}`
}

// Writers who know what was acknowledged. Each adds 1 to an entry of theirs, again and again, each time with a key of its own; what is not
// acknowledged is sent again with the same key until it is. In the end every entry must be exactly as large as its acknowledgements.
import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { answerOf } from '../driver/open-load.ts'
import type { RunningServer } from '../servers/servers.ts'
import { firstItem, itemId, type Workload } from '../workloads/workload.ts'
import type { World } from '../world/database.ts'

const writers = 12
/** Two writers share each entry, so that they also meet. */
const owners = writers / 2

const add: Workload = {
  name: 'add',
  title: 'add one',
  goal: 0,
  writes: true,
  asks: () => {
    throw new Error('each writer knows what it asks')
  },
  kitaab: {
    query: 'mutation Add($input: RecordEntryInput!) { recordEntry(input: $input) { status entry { count } } }',
    variables: ({ owner, item, date, from }) => ({
      input: { itemId: itemId(owner, item), date, incrementBy: '1', idempotencyKey: from },
    }),
    rows: () => [],
  },
}

export interface Writers {
  /** How many writes were acknowledged so far. */
  acknowledged(): number
  /** What clients saw that was no acknowledgement, and how often. */
  readonly seen: ReadonlyMap<string, number>
  /** Answers that show a stack, SQL, or an inner address. */
  readonly leaks: readonly string[]
  /** Lets everyone send until acknowledged, and compares: entries too small, and too large. */
  finish(): Promise<{ acknowledged: number; lost: number; doubled: number }>
}

const inner = /\.ts:\d|node_modules|\bat \w+ \(|\bselect \b|\binsert into\b|ECONN|ENOENT|kitaab_app|relation "/i

export async function startWriters(world: World, server: () => RunningServer): Promise<Writers> {
  const before = await countsOf(world)
  const expected = new Map(before)
  const seen = new Map<string, number>()
  const leaks: string[] = []
  const run = Date.now().toString(36)
  let acknowledged = 0
  let going = true
  const write = async (agent: Agent, owner: number, key: string): Promise<void> => {
    for (let attempt = 0; attempt < 400; attempt += 1) {
      const outcome = await once(agent, owner, key)
      if (outcome === 'ok') return
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
      await delay(100)
    }
    throw new Error(`A write was not acknowledged in 400 attempts: ${[...seen]}`)
  }
  const once = async (agent: Agent, owner: number, key: string): Promise<string> => {
    const base = { viewer: owner, owner, item: firstItem(owner) + 13, to: '', value: 1 }
    const sent = await server().request(add, { ...base, date: world.size.until, from: key })
    const answer = await answerOf(agent, server().url, sent).catch((error: NodeJS.ErrnoException) => error)
    if (answer instanceof Error) return answer.code === 'ECONNREFUSED' ? 'connection refused' : 'connection lost'
    if (inner.test(answer.body)) leaks.push(answer.body.slice(0, 300))
    if (answer.status === 200 && !answer.body.includes('"errors"')) return 'ok'
    return `${answer.status} ${/"code":"(\w+)"/.exec(answer.body)?.[1] ?? 'no code'}`
  }
  const writer = async (index: number) => {
    const owner = 1 + (index % owners)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let turn = 0; going; turn += 1) {
      await write(agent, owner, `${run}-${index}-${turn}`)
      acknowledged += 1
      expected.set(owner, (expected.get(owner) ?? 0) + 1)
    }
    agent.destroy()
  }
  const all = Promise.all(Array.from({ length: writers }, (_, index) => writer(index)))
  return {
    acknowledged: () => acknowledged,
    seen,
    leaks,
    async finish() {
      going = false
      await all
      const found = await countsOf(world)
      const off = [...expected].map(([owner, count]) => (found.get(owner) ?? 0) - count)
      const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
      return { acknowledged, lost: -sum(off.filter((by) => by < 0)), doubled: sum(off.filter((by) => by > 0)) }
    },
  }
}

async function countsOf(world: World): Promise<Map<number, number>> {
  const client = new pg.Client(world.connections.forAdministrator())
  await client.connect()
  try {
    const { rows } = await client.query(
      `select user_id::integer as owner, count_value::integer as count from entries
        where user_id <= $1 and deed_item_id = 36 * (user_id - 1) + 14 and entry_date = $2 and deleted_at is null`,
      [owners, world.size.until],
    )
    return new Map(rows.map(({ owner, count }) => [owner, count]))
  } finally {
    await client.end()
  }
}

// `npm run bench:startup -- [--times 5]`: from the start of `kitaab serve` to its first answer, on a migrated database.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { kitaabSettings } from '../servers/servers.ts'
import { openWorld } from '../world/database.ts'
import { atMost, judge, options, table, yesterday } from './bench.ts'

const given = options({ times: '5' })
const port = 5_623
const root = path.resolve(import.meta.dirname, '../..')
const size = { users: Number(given.users), days: Number(given.days), until: yesterday() }
const world = await openWorld(given.home, size, console.log)
try {
  const times: number[] = []
  for (let time = 0; time < Number(given.times); time += 1) times.push(await startOnce())
  console.log(
    table(
      ['start', 'first answer after ms'],
      times.map((took, at) => [String(at + 1), took.toFixed(0)]),
    ),
  )
  const middle = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
  judge([atMost('first answer, the middle one', middle, 3_000)])
} finally {
  await world.stop()
}

async function startOnce(): Promise<number> {
  const home = path.join(path.dirname(world.server.dataDirectory), 'service-startup')
  const settings = kitaabSettings(world, home, { PORT: String(port), LOG_LEVEL: 'warn' })
  const start = performance.now()
  const child = spawn(process.execPath, [path.join(root, 'bin/kitaab.mjs'), 'serve'], {
    cwd: root,
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    while (!(await answers())) {
      if (child.exitCode !== null || performance.now() - start > 60_000) throw new Error('It did not start.')
      await delay(5)
    }
    return performance.now() - start
  } finally {
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'exit')
  }
}

async function answers(): Promise<boolean> {
  const asked = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}' }
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, asked).catch(() => null)
  return response !== null && (await response.text()).includes('"Query"')
}

// `npm run bench:seed-loads -- [--registrations 1000] [--checks 50000] [--seconds 60] [--analytics 60]`: so many registrations at once, each sent
// again when it is told to wait; so many permission checks a minute; and so many questions for analytics a minute, beside the same checks.
import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { answerOf, arrive, percentiles } from '../driver/open-load.ts'
import { analytics, permissionCheck } from '../workloads/index.ts'
import { atMost, type Bench, judge, latencyTable, none, options, requestsOf, table, withKitaab } from './bench.ts'

const given = options({ registrations: '1000', checks: '50000', seconds: '60', analytics: '60' })
const register = 'mutation ($input: RegisterInput!) { register(input: $input) { __typename } }'

// Each person registers from an address of their own: a proxy in front tells it.
await withKitaab(given, 5_621, { TRUST_PROXY: '1' }, async (bench) => {
  const registered = await registrations(bench, Number(given.registrations))
  const seconds = Number(given.seconds)
  const { url } = bench.kitaab
  const perSecond = Number(given.checks) / 60
  const checksFrom = (seed: number) =>
    arrive(url, { perSecond, seconds, warmSeconds: 5, next: requestsOf(bench, permissionCheck, seed) })
  const checks = await checksFrom(41)
  const [beside, analysed] = await Promise.all([
    checksFrom(42),
    arrive(url, {
      perSecond: Number(given.analytics) / 60,
      seconds,
      warmSeconds: 5,
      next: requestsOf(bench, analytics, 43),
    }),
  ])
  const rate = `${perSecond.toFixed(0)} a second`
  console.log(
    latencyTable([
      [`${permissionCheck.title}, ${rate}`, checks],
      [`${permissionCheck.title}, ${rate}, beside analytics`, beside],
      [`${analytics.title}, beside them`, analysed],
    ]),
  )
  judge([
    none('registrations that were lost or doubled', registered.wrong),
    none('registrations that failed', registered.failed),
    atMost('permission checks, p95', checks.p95, 5),
    none('permission checks that failed', checks.errors + beside.errors),
    atMost('analytics, p95', analysed.p95, 1_000),
    none('analytics that failed', analysed.errors),
  ])
})

async function registrations({ kitaab, world }: Bench, count: number) {
  const run = Date.now().toString(36)
  const agent = new Agent({ keepAlive: true, maxSockets: count })
  let told = 0
  let failed = 0
  const start = performance.now()
  const one = async (index: number): Promise<number> => {
    const name = `r${run}n${index}`
    const input = {
      email: `${name}@bench.example`,
      username: name,
      fullName: name,
      password: `${name} walks at dawn`,
      timeZone: 'UTC',
    }
    const address = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': address }
    const sent = { path: '/graphql', headers, body: JSON.stringify({ query: register, variables: { input } }) }
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const { status, body, retryAfter } = await answerOf(agent, kitaab.url, sent).catch(({ message }: Error) => ({
        status: 0,
        body: message,
        retryAfter: 0,
      }))
      if (status === 200 && !body.includes('"errors"')) return performance.now() - start
      // 408: it did not arrive in time, so nothing was done.
      if (status !== 408 && !/RATE_LIMITED|UNAVAILABLE/.test(body)) {
        if (failed === 0) console.warn(`The first failure: ${status} ${body.slice(0, 300)}`)
        break
      }
      told += 1
      await delay(retryAfter > 0 ? retryAfter * 1_000 : 500)
    }
    failed += 1
    return performance.now() - start
  }
  const took = percentiles(await Promise.all(Array.from({ length: count }, (_, index) => one(index))))
  agent.destroy()
  const client = new pg.Client(world.connections.forAdministrator())
  await client.connect()
  const { rows } = await client.query('select count(*)::integer as found from users where username like $1', [
    `r${run}n%`,
  ])
  await client.end()
  const row = [count, rows[0].found, told, failed].map(String)
  const seconds = [took.p50, took.p95, took.most].map((milliseconds) => (milliseconds / 1_000).toFixed(1))
  const heads = [
    'registrations at once',
    'accounts made',
    'told to wait',
    'failed',
    'half by s',
    '95 % by s',
    'all by s',
  ]
  console.log(`${table(heads, [[...row, ...seconds]])}\n`)
  return { failed, wrong: Math.abs(count - failed - rows[0].found) }
}

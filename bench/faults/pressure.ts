// Faults that come from clients.
import { Agent } from 'node:http'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { answerOf } from '../driver/open-load.ts'
import { dashboardTotals } from '../workloads/index.ts'
import { type Ask, daysBefore, randomFrom } from '../workloads/workload.ts'
import type { Stage } from './stage.ts'

/** Connections that never finish their headers: all must be closed, and others served meanwhile. */
export async function slowLoris({ kitaab }: Stage) {
  const { hostname, port } = new URL(kitaab().url)
  const open = new Set<net.Socket>()
  for (let index = 0; index < 300; index += 1) {
    const socket = net.connect({ host: hostname, port: Number(port) })
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    socket.resume()
    socket.write('POST /graphql HTTP/1.1\r\nhost: bench\r\nx-slow: ')
  }
  for (let second = 0; second < 15 && open.size > 0; second += 1) {
    for (const socket of open) if (socket.writable) socket.write('a')
    await delay(1_000)
  }
  const left = open.size
  for (const socket of open) socket.destroy()
  return left === 0 ? { note: 'all closed' } : { wrong: `${left} slow connections were still open after 15 s` }
}

/** Until queues are as long as they get. */
const rampSeconds = 3

/** Asks in a closed loop for what it carries, then for three times as much at times of their own. */
export async function overload(stage: Stage) {
  // Once to warm.
  await carried(stage, 3)
  const capacity = await carried(stage, 5)
  const seconds = 10
  const { ok, refused, wrong } = await arriving(stage, 3 * capacity, seconds)
  const goodput = ok / (seconds - rampSeconds) / capacity
  const note = `carries ${capacity.toFixed(0)} a second; at three times that, ${(goodput * 100).toFixed(0)} % of it served, ${refused} told to wait`
  const problems = [
    ...(goodput < 0.8 ? [`goodput ${(goodput * 100).toFixed(0)} %`] : []),
    ...[...wrong].map(([what, count]) => `${count} x ${what}`),
  ]
  return problems.length > 0 ? { note, wrong: problems.join(', ') } : { note }
}

/** Of as many ranges that few answers are kept already. */
function anyDays({ world }: Stage, random: () => number): Ask {
  const ask = dashboardTotals.asks(world.size, random)
  return { ...ask, from: daysBefore(ask.to, Math.floor(random() * 360)) }
}

async function carried(stage: Stage, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true })
  const random = randomFrom(5)
  const until = performance.now() + seconds * 1_000
  let count = 0
  const client = async () => {
    while (performance.now() < until) {
      const sent = await stage.kitaab().request(dashboardTotals, anyDays(stage, random))
      if ((await answerOf(agent, stage.kitaab().url, sent)).status === 200) count += 1
    }
  }
  await Promise.all(Array.from({ length: 64 }, client))
  agent.destroy()
  return count / seconds
}

async function arriving(stage: Stage, perSecond: number, seconds: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 2_000 })
  const random = randomFrom(6)
  const start = performance.now()
  const end = start + seconds * 1_000
  const wrong = new Map<string, number>()
  let ok = 0
  let refused = 0
  const one = async () => {
    const sent = await stage.kitaab().request(dashboardTotals, anyDays(stage, random))
    const answer = await answerOf(agent, stage.kitaab().url, sent).catch((error: Error) => error)
    const outcome = outcomeOf(answer)
    if (outcome === 'refused') refused += 1
    else if (outcome !== 'ok') wrong.set(outcome, (wrong.get(outcome) ?? 0) + 1)
    else if (performance.now() > start + rampSeconds * 1_000 && performance.now() < end) ok += 1
  }
  const all: Promise<unknown>[] = []
  while (performance.now() < end) {
    while (all.length < ((performance.now() - start) / 1_000) * perSecond) all.push(one())
    await delay(1)
  }
  await Promise.all(all)
  agent.destroy()
  return { ok, refused, wrong }
}

type Answer = Awaited<ReturnType<typeof answerOf>>

function outcomeOf(answer: Answer | Error): string {
  if (answer instanceof Error) return answer.message
  const { status, body, retryAfter } = answer
  if (status === 200 && !body.startsWith('{"errors"')) return 'ok'
  if (status !== 429 && status !== 503) return `${status} ${body.slice(0, 120)}`
  return retryAfter > 0 ? 'refused' : `${status} without Retry-After`
}

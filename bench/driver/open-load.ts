import { type Agent, request as httpRequest } from 'node:http'
import type { Sent } from '../servers/servers.ts'
import { plainClient } from './plain-client.ts'

/** What became of requests that came at their own times, whatever the server was doing. Times in milliseconds. */
export interface Latencies {
  readonly sent: number
  readonly errors: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly most: number
}

export interface Arrivals {
  readonly perSecond: number
  readonly seconds: number
  /** At first, so many seconds more whose latencies do not count, though their errors do. */
  readonly warmSeconds?: number
  next(): Promise<Sent>
}

/** As many connections as a busy service has; what finds none free waits, and its waiting counts. */
const connections = 512

/**
 * Sends a request at each of its times, without waiting for the answers to earlier ones, and counts from the time at which it was due: an
 * answer that comes late makes none of the others look better.
 */
export async function arrive(url: string, { perSecond, seconds, warmSeconds = 0, next }: Arrivals): Promise<Latencies> {
  const client = plainClient(url, connections)
  const warm = Math.round(perSecond * warmSeconds)
  const count = warm + Math.round(perSecond * seconds)
  const start = performance.now() + 50
  const due = (index: number) => start + (index * 1_000) / perSecond
  const took: number[] = []
  let errors = 0
  const one = async (index: number) => {
    const answered = await client.send(await next()).then(verdictOn, (error: Error) => error.message)
    if (answered !== 'ok') {
      errors += 1
      if (errors === 1) console.warn(`The first failure: ${answered}`)
    }
    if (index >= warm) took.push(performance.now() - due(index))
  }
  const all: Promise<void>[] = []
  for (let index = 0; index < count; ) {
    while (index < count && due(index) <= performance.now()) all.push(one(index++))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(all)
  client.close()
  return { sent: took.length, errors, ...percentiles(took) }
}

export function percentiles(times: readonly number[]) {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), most: sorted.at(-1) ?? 0 }
}

/** `ok`, or how the answer began that was none. */
export async function send(agent: Agent, url: string, sent: Sent): Promise<string> {
  return verdictOn(await answerOf(agent, url, sent))
}

function verdictOn({ status, body }: { readonly status: number; readonly body: string }): string {
  const refused = body.startsWith('{"errors"') && !body.includes('"NOT_FOUND"')
  return status === 200 && !refused ? 'ok' : `${status} ${body.slice(0, 300)}`
}

export function answerOf(agent: Agent, url: string, { path, headers, body }: Sent) {
  return new Promise<{ status: number; body: string; retryAfter: number }>((resolve, reject) => {
    const options = { agent, method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) } }
    const asked = httpRequest(url + path, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      const retryAfter = Number(response.headers['retry-after'] ?? 0)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text, retryAfter }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.setTimeout(30_000, () => asked.destroy(new Error('no answer in 30 s')))
    asked.end(body)
  })
}

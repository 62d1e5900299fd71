import { EventEmitter, once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { PlatformOptions, PlatformService } from '../../../support/platform-service.ts'
import { tokenOf } from '../../../support/platform-service.ts'
import { exported, pagesAsked, reader, refusal, startNumbers } from './numbers.ts'

let service: PlatformService
afterEach(() => service.stop())

const all = (upTo: number) => `{ numbers(upTo: ${upTo}) { nodes { value } } }`

describe('over a connection', () => {
  let closed: Promise<void>
  const closings = new EventEmitter()

  async function listen(options: Partial<PlatformOptions> = {}): Promise<number> {
    closed = once(closings, 'closed').then(() => {})
    service = await startNumbers({ ...options, onExportClosed: () => closings.emit('closed') })
    await service.http.listen({ host: '127.0.0.1', port: 0 })
    return (service.http.server.address() as AddressInfo).port
  }

  async function ask(port: number, document: string, format: string): Promise<http.IncomingMessage> {
    const request = http.request({
      port,
      method: 'POST',
      path: '/export',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokenOf(reader)}` },
    })
    request.end(JSON.stringify({ document, format }))
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    return response
  }

  async function bodyOf(response: http.IncomingMessage): Promise<string> {
    let body = ''
    for await (const chunk of response.setEncoding('utf8')) body += chunk
    return body
  }

  /** More than the buffers between here and there take. */
  const large = `{ numbers(upTo: 100000) { nodes { word(text: "${'much '.repeat(1_000)}") } } }`
  const failing = '{ numbers(upTo: 2000, failAt: 1001) { nodes { value } } }'

  test('an error in the middle ends JSON Lines with a line that says so, and nothing of it that is secret', async () => {
    const body = await bodyOf(await ask(await listen(), failing, 'jsonl'))
    const lines = body.trim().split('\n')
    expect(lines).toHaveLength(1_001)
    expect(JSON.parse(lines[1_000] ?? '')).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL' } }] })
    expect(body).not.toContain('secret')
    expect(service.log.join('\n')).toContain('a secret of the database')
    await closed
  })

  test('an error in the middle of a CSV cuts the connection', async () => {
    const response = await ask(await listen(), failing, 'csv')
    expect(response.statusCode).toBe(200)
    await expect(bodyOf(response)).rejects.toThrow('aborted')
    await closed
  })

  test('rows are read as fast as they are taken, and no more when the client leaves', async () => {
    const response = await ask(await listen(), large, 'jsonl')
    response.once('readable', () => response.destroy())
    await closed
    expect(pagesAsked.length).toBeLessThan(150)
    expect((await exported(service, all(1))).status).toBe(200)
  })

  test('a client that takes nothing is left when the time is over', async () => {
    const response = await ask(await listen({ exportTimeoutMs: 300 }), large, 'csv')
    await closed
    await expect(bodyOf(response)).rejects.toThrow('aborted')
  })

  test('one export of a viewer runs at a time, and two in all', async () => {
    const port = await listen()
    const first = await ask(port, large, 'jsonl')
    expect(refusal(await exported(service, all(1)))).toMatchObject({
      status: 429,
      message: expect.stringContaining('Another export'),
    })
    expect((await exported(service, all(1), { as: { ...reader, userId: '8' } })).status).toBe(200)
    const ended = once(closings, 'closed')
    first.destroy()
    await ended
    expect((await exported(service, all(1))).status).toBe(200)
  })
})

import net, { type AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import type { FastifyInstance } from 'fastify'
import { defaultLimits } from '../../../src/platform/graphql/limits.ts'
import { makeHttpServer } from '../../../src/platform/http/server.ts'
import { uploadRoute } from '../../../src/platform/http/upload-route.ts'
import { makeLog } from '../../../src/platform/log.ts'

let http: FastifyInstance
afterEach(() => http.close())

/** A server that takes uploads, and answers at `/other` when all of a request is there. */
async function start({ arrivalMs, idleMs }: { arrivalMs: number; idleMs: number }) {
  const log = makeLog({ level: 'info', destination: { write: () => {} } })
  const limits = defaultLimits
  http = await makeHttpServer({ log, limits, corsOrigins: [], trustedProxies: 0, isDraining: () => false, arrivalMs })
  http.post('/other', async () => ({}))
  const received: { bytes: number; failure: unknown }[] = []
  await http.register(uploadRoute, {
    limits,
    idleMs,
    isDraining: () => false,
    async receive({ content }) {
      let bytes = 0
      try {
        for await (const piece of content) bytes += piece.byteLength
        received.push({ bytes, failure: null })
        return bytes
      } catch (failure) {
        received.push({ bytes, failure })
        throw failure
      }
    },
  })
  await http.listen({ host: '127.0.0.1', port: 0 })
  return received
}

/** Begins a request of ten bytes of body, and sends four of them. */
async function begin(method: string, path: string) {
  const { port } = http.server.address() as AddressInfo
  const socket = net.connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (data) => {
    text += data
  })
  const answered = new Promise<string>((resolve) => socket.on('close', () => resolve(text)))
  const type = path === '/other' ? 'application/json' : 'application/octet-stream'
  socket.write(
    `${method} ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: ${type}\r\ncontent-length: 10\r\n\r\n[1, `,
  )
  return { answered, send: (rest: string) => socket.write(rest) }
}

test('a file that goes on coming may take longer than any other request', async () => {
  const received = await start({ arrivalMs: 200, idleMs: 60_000 })
  const upload = await begin('PUT', '/uploads/a')
  const other = await begin('POST', '/other')
  expect(await other.answered).toMatch(/^HTTP\/1.1 408 .*INVALID_REQUEST/s)
  upload.send('2, 3, ')
  expect(await upload.answered).toMatch(/^HTTP\/1.1 201 .*\{"bytes":10\}$/s)
  expect(received).toEqual([{ bytes: 10, failure: null }])
})

test('a file of which nothing comes any more is left, and its sender told', async () => {
  const received = await start({ arrivalMs: 60_000, idleMs: 100 })
  const upload = await begin('POST', '/uploads/a')
  expect(await upload.answered).toMatch(/^HTTP\/1.1 503 .*Nothing came for 0.1 s: nothing is kept/s)
  expect(received).toMatchObject([{ bytes: 4, failure: { extensions: { code: 'UNAVAILABLE' } } }])
})

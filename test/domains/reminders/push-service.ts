import { createECDH, type ECDH, randomBytes } from 'node:crypto'
import http from 'node:http'
import { createRequire } from 'node:module'

// It comes with web-push, without types.
const { decrypt } = createRequire(import.meta.resolve('web-push'))('http_ece') as {
  decrypt(body: Buffer, options: { version: string; privateKey: ECDH; authSecret: string }): Buffer
}

export interface Received {
  readonly device: string
  readonly headers: http.IncomingHttpHeaders
  /** What the browser would be shown. */
  readonly message: Record<string, unknown>
}

/** A push service with browsers behind it, which decrypts what it gets for them as they would. */
export async function startPushService() {
  const browsers = new Map<string, { ecdh: ECDH; auth: string }>()
  const received: Received[] = []
  let answer: (device: string) => { status: number; headers?: Record<string, string> } | 'hang up' = () => ({
    status: 201,
  })
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const device = (request.url ?? '').slice(1)
    const said = answer(device)
    if (said === 'hang up') {
      request.socket.destroy()
      return
    }
    const browser = browsers.get(device)
    if (browser && said.status < 300) {
      const { ecdh: privateKey, auth: authSecret } = browser
      const text = decrypt(Buffer.concat(chunks), { version: 'aes128gcm', privateKey, authSecret })
      received.push({ device, headers: request.headers, message: JSON.parse(text.toString()) })
    }
    response.writeHead(said.status, said.headers).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    received,
    origin: `http://127.0.0.1:${port}`,
    answering(next: typeof answer) {
      answer = next
    },
    /** What a new browser of this name would send to `subscribePush`. */
    newBrowser(device: string) {
      const ecdh = createECDH('prime256v1')
      const p256dh = ecdh.generateKeys('base64url')
      const auth = randomBytes(16).toString('base64url')
      browsers.set(device, { ecdh, auth })
      return { endpoint: `http://127.0.0.1:${port}/${device}`, p256dh, auth }
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

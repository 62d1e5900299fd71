import { connect, type Socket } from 'node:net'
import type { Sent } from '../servers/servers.ts'

export interface Answered {
  readonly status: number
  readonly body: string
}

/** Connections to one server that are kept, each with one request at a time. */
export interface PlainClient {
  /** Rejects when the connection breaks, or after 30 s without a byte. Waits for its turn where all connections are busy. */
  send(sent: Sent): Promise<Answered>
  close(): void
}

interface Waiting {
  readonly text: string
  resolve(answered: Answered): void
  reject(error: Error): void
}

/** Longest without a byte, in milliseconds. */
const patience = 30_000

/**
 * HTTP/1.1 as far as the bench needs it: on the two processors that driver, server and database share, Node's own client takes as much time
 * for a request as half a server. Answers must tell their length.
 */
export function plainClient(url: string, most: number): PlainClient {
  const { hostname, port, host } = new URL(url)
  const sockets = new Set<Socket>()
  const idle: Carrier[] = []
  const line: Waiting[] = []
  const done = (carrier: Carrier) => {
    const next = line.shift()
    if (next) carrier.carry(next)
    else idle.push(carrier)
  }
  const open = () => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    const carrier = makeCarrier(socket, done)
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      const at = idle.indexOf(carrier)
      if (at !== -1) idle.splice(at, 1)
      const next = line.shift()
      if (next) open().carry(next)
    })
    return carrier
  }
  return {
    send: (sent) =>
      new Promise((resolve, reject) => {
        const waiting = { text: textOf(host, sent), resolve, reject }
        const carrier = idle.pop() ?? (sockets.size < most ? open() : undefined)
        if (carrier) carrier.carry(waiting)
        else line.push(waiting)
      }),
    close() {
      line.length = 0
      for (const socket of sockets) socket.destroy()
    },
  }
}

interface Carrier {
  carry(waiting: Waiting): void
}

function makeCarrier(socket: Socket, done: (carrier: Carrier) => void): Carrier {
  let current: Waiting | undefined
  let received = ''
  const carrier = {
    carry(waiting: Waiting) {
      current = waiting
      socket.write(waiting.text)
    },
  }
  const fail = (error: Error) => {
    current?.reject(error)
    current = undefined
    socket.destroy()
  }
  socket.setTimeout(patience, () => fail(new Error(`no answer in ${patience / 1_000} s`)))
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the connection was closed')))
  // A character for a byte, so that lengths are right.
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    received += chunk
    const answered = answerIn(received)
    if (answered === null || !current) return
    if (answered === 'of unknown length') return fail(new Error('an answer of unknown length'))
    received = ''
    const { resolve } = current
    current = undefined
    resolve(answered)
    done(carrier)
  })
  return carrier
}

function textOf(host: string, { path, headers, body }: Sent): string {
  const all = { host, ...headers, 'content-length': String(Buffer.byteLength(body)) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

/** Null until all of it is there. */
function answerIn(received: string): Answered | 'of unknown length' | null {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return null
  const head = received.slice(0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined) return 'of unknown length'
  if (received.length < end + 4 + Number(length)) return null
  return { status: Number(head.slice(9, 12)), body: Buffer.from(received.slice(end + 4), 'latin1').toString() }
}

import { once } from 'node:events'
import net from 'node:net'
import type pg from 'pg'
import type { Connections } from '../../src/platform/database/connections.ts'

/** Stands between the service and PostgreSQL, to do to its connections what networks and crashes do. */
export interface WireProxy {
  readonly connections: Connections
  /** Replaces the next occurrence of a text on its way to the server by another of the same length. */
  replaceNext(text: string, other: string): void
  /** Cuts all connections without a word. */
  cut(): void
  /** Cuts all connections and takes no new ones, until `accept`. */
  refuse(): void
  accept(): void
  stop(): Promise<void>
}

export async function wireProxy(connections: Connections): Promise<WireProxy> {
  const sockets = new Set<net.Socket>()
  const replacements: { text: Buffer; other: Buffer }[] = []
  let refusing = false
  const target = connections.forRole('kitaab_app')

  const server = net.createServer((client) => {
    if (refusing) {
      client.destroy()
      return
    }
    const upstream = net.connect(`${target.host}/.s.PGSQL.${target.port ?? 5432}`)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket)
          client.destroy()
          upstream.destroy()
        })
    }
    client.on('data', (data: Buffer) => upstream.write(replaced(data)))
    upstream.pipe(client)
  })

  function replaced(data: Buffer): Buffer {
    const [next] = replacements
    const at = next ? data.indexOf(next.text) : -1
    if (next && at !== -1) {
      replacements.shift()
      next.other.copy(data, at)
    }
    return data
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const through = (config: pg.ClientConfig): pg.ClientConfig => ({ ...config, host: '127.0.0.1', port })
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    connections: {
      forRole: (role, database) => through(connections.forRole(role, database)),
      forAdministrator: (database) => through(connections.forAdministrator(database)),
    },
    replaceNext(text, other) {
      if (text.length !== other.length) throw new Error('the lengths of messages must stay as they are')
      replacements.push({ text: Buffer.from(text), other: Buffer.from(other) })
    },
    cut,
    refuse() {
      refusing = true
      cut()
    },
    accept() {
      refusing = false
    },
    async stop() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}

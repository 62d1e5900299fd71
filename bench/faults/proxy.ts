import { once } from 'node:events'
import net from 'node:net'

/** Stands between Kitaab and a server that it needs, and does to their connections what networks and crashes do. */
export interface FaultyProxy {
  readonly port: number
  /** `pass` as it is; `refuse` every connection; `slow`: two seconds for every answer; `nonsense`: bytes that mean nothing. */
  become(mode: Mode): void
  /** Cuts all connections without a word. */
  cut(): void
  stop(): Promise<void>
}

export type Mode = 'pass' | 'refuse' | 'slow' | 'nonsense'

export async function startProxy(target: net.NetConnectOpts): Promise<FaultyProxy> {
  const sockets = new Set<net.Socket>()
  let mode: Mode = 'pass'
  const server = net.createServer((client) => {
    if (mode === 'refuse') return void client.destroy()
    const upstream = net.connect(target)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream)
    upstream.on('data', (data: Buffer) => {
      if (mode === 'slow') setTimeout(() => client.writable && client.write(data), 2_000)
      else client.write(mode === 'nonsense' ? Buffer.alloc(data.length, '?!\n') : data)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as net.AddressInfo).port,
    become(next) {
      mode = next
      if (next === 'refuse') cut()
    },
    cut,
    async stop() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}

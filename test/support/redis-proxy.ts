import { once } from 'node:events'
import net from 'node:net'

/** Stands between the service and Redis, to answer late, wrongly or not at all. */
export interface RedisProxy {
  readonly url: URL
  /** Where connections lead that are made from now on. */
  target: URL
  /** What becomes of answers from now on. */
  answers: 'as they are' | 'never' | 'nonsense'
  stop(): Promise<void>
}

export async function redisProxy(target: URL): Promise<RedisProxy> {
  const sockets = new Set<net.Socket>()
  const behaviour: Pick<RedisProxy, 'target' | 'answers'> = { target, answers: 'as they are' }
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(behaviour.target.port), behaviour.target.hostname)
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
    client.pipe(upstream)
    upstream.on('data', (data: Buffer) => {
      if (behaviour.answers === 'never') return
      client.write(behaviour.answers === 'nonsense' ? '*1\r\n$4\r\nlies\r\n:12\r\n!!no protocol\r\n' : data)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  return Object.assign(behaviour, {
    url: new URL(`redis://127.0.0.1:${port}`),
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  })
}

import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

/** A Redis of the test's own; null where none is installed, unless everything must be tried (CI). */
export async function startRedis(): Promise<{ url: URL; stop(): Promise<void> } | null> {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    if (process.env.CI) throw new Error('There is no redis-server to try this with.')
    console.warn('This is tried without Redis: install it (apt-get install redis-server).')
    return null
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kitaab-redis-'))
  const port = await freePort()
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder])
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error('Redis did not start.')))
    child.stdout.on('data', (text) => String(text).includes('Ready to accept connections') && resolve())
  })
  return {
    url: new URL(`redis://127.0.0.1:${port}`),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A port on which nobody listens at this moment. */
export async function freePort(): Promise<number> {
  const probe = net.createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as net.AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openS3, type S3Service } from '../../src/platform/objects/s3-client.ts'

/** Debian's, which its packages belong to, whatever else is installed. */
const python = '/usr/bin/python3'

/** A service that speaks S3, of the test's own: OpenStack Swift on loopback. */
export interface ObjectService {
  readonly service: S3Service
  makeBucket(name: string): Promise<void>
  stop(): Promise<void>
}

/** Null where none is installed, unless everything must be tried (CI). */
export async function startObjectService(): Promise<ObjectService | null> {
  if (spawnSync(python, ['-c', 'import swift.common.middleware.s3api']).status !== 0) {
    if (process.env.CI) throw new Error('There is no Swift to try this with.')
    console.warn('This is tried without a service of objects: install Swift (apt-get install python3-swift).')
    return null
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'kitaab-swift-'))
  const program = path.join(import.meta.dirname, 'swift-server.py')
  const child = spawn(python, [program, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error('Swift did not start.')))
    child.stdout.once('data', (line) => resolve(JSON.parse(String(line)).port))
  })
  const service: S3Service = {
    endpoint: new URL(`http://127.0.0.1:${port}`),
    region: 'us-east-1',
    pathStyle: true,
    accessKeyId: 'test:tester',
    secretAccessKey: 'testing',
  }
  return {
    service,
    async makeBucket(name) {
      const { client, CreateBucketCommand } = await openS3(service)
      await client.send(new CreateBucketCommand({ Bucket: name }))
    },
    async stop() {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

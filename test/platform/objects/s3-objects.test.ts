import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import diagnostics from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import path from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import type { ObjectStore } from '../../../src/platform/objects/objects.ts'
import { openS3, type S3Service } from '../../../src/platform/objects/s3-client.ts'
import { makeS3Objects, type S3Place } from '../../../src/platform/objects/s3-objects.ts'
import { startObjectService } from '../../support/object-service.ts'
import { content, keysOf, testObjectStore } from '../../support/object-store-contract.ts'

const started = await startObjectService()
afterAll(() => started?.stop())
await started?.makeBucket('objects')
const nobody: S3Service = {
  endpoint: new URL('http://127.0.0.1:1'),
  region: 'us-east-1',
  pathStyle: true,
  accessKeyId: 'test:tester',
  secretAccessKey: 'testing',
}
const service = started?.service ?? nobody
const partBytes = 16 * 1024 * 1024

function storeAt(place: Partial<S3Place> = {}): ObjectStore {
  return makeS3Objects({ service, bucket: 'objects', prefix: 'kitaab/', storageClass: null, ...place })
}
const store = storeAt()

async function s3() {
  const opened = await openS3(service)
  const unfinished = async () => {
    const { Uploads = [] } = await opened.client.send(new opened.ListMultipartUploadsCommand({ Bucket: 'objects' }))
    return Uploads.map(({ Key }) => Key)
  }
  return { ...opened, unfinished }
}

/** Megabytes that differ, so that parts in a wrong order are noticed. */
async function* megabytes(count: number) {
  for (let index = 0; index < count; index += 1) yield Buffer.alloc(1024 * 1024, index)
}

async function sha256Of(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

const whereThereIsOne = started === null ? describe.skip : describe

whereThereIsOne('a bucket', () => {
  testObjectStore(
    () => store,
    async () => expect(await (await s3()).unfinished()).toEqual([]),
  )

  test('what is larger than a part is whole again, and the next one with its key takes its place', async () => {
    const stored = await store.put('large', megabytes(40))
    expect(stored).toEqual({ bytes: 40 * 1024 * 1024, sha256: await sha256Of(megabytes(40)) })
    expect(await sha256Of(await store.get('large'))).toBe(stored.sha256)
    await store.put('large', megabytes(33))
    expect(await sha256Of(await store.get('large'))).toBe(await sha256Of(megabytes(33)))
    expect(await (await s3()).unfinished()).toEqual([])
  })

  test('an upload in parts that fails or is called off leaves no part', async () => {
    await store.put('parts', content('whole'))
    const { unfinished } = await s3()
    const seen: unknown[] = []
    async function* ending(end: () => void) {
      yield* megabytes(40)
      while (!seen.includes('kitaab/parts')) seen.push(...(await unfinished()))
      end()
      yield Buffer.from('more')
    }
    const fail = () => {
      throw new Error('the source failed')
    }
    await expect(store.put('parts', ending(fail))).rejects.toThrow('the source failed')
    expect(seen).toContain('kitaab/parts')
    expect(await unfinished()).toEqual([])
    const called = new AbortController()
    const callOff = () => called.abort(new Error('called off'))
    await expect(store.put('parts', ending(callOff), { signal: called.signal })).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(await unfinished()).toEqual([])
    await expect(store.put('parts', megabytes(40), { maxBytes: partBytes * 2 })).rejects.toMatchObject({
      name: 'ObjectTooLarge',
    })
    expect(await unfinished()).toEqual([])
    expect(await store.find('parts')).toMatchObject({ bytes: 5 })
  })

  test('what a process that died left unfinished is removed when it is old, of this store alone', async () => {
    const { client, CreateMultipartUploadCommand, AbortMultipartUploadCommand, unfinished } = await s3()
    const keys = ['kitaab/a/half', 'kitaab/b/half', 'another/half']
    for (const Key of keys) await client.send(new CreateMultipartUploadCommand({ Bucket: 'objects', Key }))
    expect(await keysOf(store)).not.toContain('a/half')
    expect(await store.removeUnfinished(new Date(Date.now() - 3_600_000))).toBe(0)
    expect(await store.removeUnfinished(new Date(Date.now() + 3_600_000))).toBe(2)
    expect(await unfinished()).toEqual(['another/half'])
    const { Uploads = [] } = await client.send(
      new (await s3()).ListMultipartUploadsCommand({ Bucket: 'objects', Prefix: 'another/' }),
    )
    for (const { Key, UploadId } of Uploads)
      await client.send(new AbortMultipartUploadCommand({ Bucket: 'objects', Key, UploadId }))
  })

  test('stores with prefixes of their own share a bucket, and what is no key of ours is left out', async () => {
    const [first, second] = [storeAt({ prefix: 'first/' }), storeAt({ prefix: 'second/' })]
    await first.put('a', content('of the first'))
    await second.put('a', content('x'))
    const { client, PutObjectCommand } = await s3()
    for (const Key of ['first/folder/', 'first/Somebody Else.txt'])
      await client.send(new PutObjectCommand({ Bucket: 'objects', Key, Body: 'x' }))
    expect(await keysOf(first)).toEqual(['a'])
    await second.delete('a')
    expect(await first.find('a')).toMatchObject({ bytes: 12 })
  })

  test('the storage class is asked for', async () => {
    const cold = storeAt({ storageClass: 'GLACIER_IR' })
    // This service has one class alone, and says so.
    await expect(cold.put('cold', content('x'))).rejects.toThrow('InvalidStorageClass')
    await expect(storeAt({ storageClass: 'STANDARD' }).put('warm', content('x'))).resolves.toMatchObject({ bytes: 1 })
  })

  test.each([
    ['a secret that is not ours', { service: { ...service, secretAccessKey: 's3same' } }, '403 SignatureDoesNotMatch'],
    ['a bucket that is not there', { bucket: 'nowhere' }, '404 NoSuchBucket'],
  ])('%s is told, and no secret with it', async (_, place, told) => {
    const failing = storeAt(place)
    const attempts = [failing.get('a'), failing.put('a', content('x')), keysOf(failing)]
    for (const attempt of await Promise.allSettled(attempts)) {
      const error = attempt.status === 'rejected' ? attempt.reason : null
      expect(error).toMatchObject({ name: 'ObjectsUnavailable', message: expect.stringContaining(told) })
      expect(JSON.stringify(Object.assign({}, error, { message: error.message }))).not.toMatch(/s3same|testing|tester/)
      expect(error.cause).toBeUndefined()
    }
  })

  test('whatever the environment says, nobody but the service is asked', async () => {
    const asked: (number | undefined)[] = []
    const note = (message: unknown) => {
      const { socket } = message as { socket: Socket }
      socket.once('connect', () => asked.push(socket.remotePort)).once('error', () => asked.push(-1))
    }
    const before = { ...process.env }
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_DEFAULTS_MODE: 'auto',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:2',
      AWS_USE_FIPS_ENDPOINT: 'true',
    })
    diagnostics.subscribe('net.client.socket', note)
    try {
      const fresh = storeAt()
      await fresh.put('asked', content('x'))
      expect(await fresh.find('asked')).toMatchObject({ bytes: 1 })
    } finally {
      diagnostics.unsubscribe('net.client.socket', note)
      process.env = before
    }
    expect(new Set(asked)).toEqual(new Set([Number(service.endpoint.port)]))
  })
})

test('an answer that breaks off is an error, not an early end', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('12345')
    setImmediate(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    const failing = storeAt({ service: { ...nobody, endpoint: new URL(`http://127.0.0.1:${port}`) } })
    const read = failing.get('a').then((content) => sha256Of(content))
    await expect(read).rejects.toMatchObject({ code: 'ECONNRESET' })
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})

/** In a process of its own: what is loaded there, and errors of Node, are not as they are below Jest. */
test('the client is loaded when it is needed, not before; a service that is not there is told, soon', () => {
  const program = `
    const { createRequire } = await import('node:module')
    const loaded = () => Object.keys(createRequire('/').cache).some((file) => file.includes('@aws-sdk'))
    const { makeS3Objects } = await import('./src/platform/objects/s3-objects.ts')
    await import('./src/services.ts')
    const place = ${JSON.stringify({ bucket: 'objects', prefix: '', storageClass: null })}
    const service = { ...${JSON.stringify(nobody)}, endpoint: new URL('${nobody.endpoint.href}') }
    const objects = makeS3Objects({ ...place, service })
    const before = loaded()
    const error = await objects.find('a').catch((error) => error)
    console.log(before, loaded(), error.name, error.message)`
  const root = path.join(import.meta.dirname, '../../..')
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' })
  expect(output).toBe('false true ObjectsUnavailable 127.0.0.1:1 could not look for a: ECONNREFUSED.\n')
})

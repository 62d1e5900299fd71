import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { pointsKey, readPoints, storePoints } from '../../../src/domains/surveys/stored-points.ts'
import { makeLocalObjects } from '../../../src/platform/objects/local-objects.ts'
import type { ObjectStore } from '../../../src/platform/objects/objects.ts'

let root: string
let store: ObjectStore
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'kitaab-points-'))
  store = makeLocalObjects(root)
})
afterAll(() => rm(root, { recursive: true }))

const file = Buffer.concat([Buffer.alloc(3_000_000, '481205.25 4190110.50 12.125\n'), randomBytes(100_000)])

async function* chunksOf(content: Buffer, size = 65_536) {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
}

test.each([true, false])(
  'points are given back as they came, with their length and SHA-256 (compressed: %s)',
  async (isPacked) => {
    const key = pointsKey('5', isPacked ? 'packed' : 'plain', { isPacked })
    const stored = await storePoints(store, key, chunksOf(file))
    expect(stored).toEqual({ bytes: file.length, sha256: createHash('sha256').update(file).digest('hex') })
    expect((await buffer(await readPoints(store, key))).equals(file)).toBe(true)
    const { bytes = 0 } = (await store.find(key)) ?? {}
    if (isPacked) expect(bytes).toBeLessThan(file.length / 10)
    else expect(bytes).toBe(file.length)
  },
)

test.each([true, false])(
  'content that fails, is too large or is called off leaves nothing (compressed: %s)',
  async (isPacked) => {
    const key = pointsKey('5', `failing-${isPacked}`, { isPacked })
    async function* failing() {
      yield file
      throw new Error('the source failed')
    }
    await expect(storePoints(store, key, failing())).rejects.toThrow('the source failed')
    await expect(storePoints(store, key, chunksOf(file), { maxBytes: 1000 })).rejects.toMatchObject({
      name: 'ObjectTooLarge',
    })
    const called = new AbortController()
    async function* endless() {
      for (;;) {
        yield file
        called.abort(new Error('called off'))
      }
    }
    const put = storePoints(store, key, endless(), { signal: called.signal })
    await expect(put).rejects.toMatchObject({ name: 'AbortError' })
    expect(await store.find(key)).toBeNull()
  },
)

test('compressed points that are damaged are an error, not other points', async () => {
  const key = pointsKey('5', 'damaged', { isPacked: true })
  await storePoints(store, key, chunksOf(file))
  const stored = await readFile(path.join(root, key))
  await writeFile(path.join(root, key), stored.subarray(0, -10))
  await expect(readPoints(store, key).then(buffer)).rejects.toThrow('unexpected end of file')
})

test('points that are not there are missing', async () => {
  const key = pointsKey('5', 'never', { isPacked: true })
  await expect(readPoints(store, key)).rejects.toMatchObject({ name: 'ObjectMissing' })
})

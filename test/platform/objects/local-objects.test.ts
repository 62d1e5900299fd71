import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { makeLocalObjects } from '../../../src/platform/objects/local-objects.ts'
import type { ObjectStore } from '../../../src/platform/objects/objects.ts'
import { content, keysOf, testObjectStore } from '../../support/object-store-contract.ts'

let home: string
let root: string
let objects: ObjectStore
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'kitaab-objects-'))
  root = path.join(home, 'made', 'objects')
  objects = makeLocalObjects(root)
})
afterAll(() => rm(home, { recursive: true }))

const modeOf = async (file: string) => (await stat(file)).mode & 0o777

testObjectStore(
  () => objects,
  async () => expect(await readdir(path.join(root, '.unfinished'))).toEqual([]),
)

test('objects are files for this user alone', async () => {
  await objects.put('private/5/first.zip', content('x'))
  expect(await modeOf(path.join(root, 'private/5/first.zip'))).toBe(0o600)
  for (const folder of ['.', 'private', 'private/5']) expect(await modeOf(path.join(root, folder))).toBe(0o700)
})

test('what a process that died left unfinished is removed when it is old, and never listed', async () => {
  const [old, fresh] = ['old', 'fresh'].map((name) => path.join(root, '.unfinished', name)) as [string, string]
  await writeFile(old, 'half')
  await writeFile(fresh, 'half')
  await utimes(old, new Date('2026-01-01'), new Date('2026-01-01'))
  expect((await keysOf(objects)).filter((key) => key.includes('unfinished'))).toEqual([])
  expect(await objects.removeUnfinished(new Date('2026-01-02'))).toBe(1)
  expect(await readdir(path.join(root, '.unfinished'))).toEqual(['fresh'])
  await rm(fresh)
})

test('a folder that was never made has nothing, and that is no error', async () => {
  const none = makeLocalObjects(path.join(home, 'never'))
  expect(await none.find('a')).toBeNull()
  expect(await none.delete('a')).toBe(false)
  expect(await keysOf(none)).toEqual([])
  expect(await none.removeUnfinished(new Date())).toBe(0)
})

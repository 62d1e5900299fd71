import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { makeLocalObjects } from '../../../src/platform/objects/local-objects.ts'
import type { ObjectStore } from '../../../src/platform/objects/objects.ts'

let home: string
let root: string
let objects: ObjectStore
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'kitaab-objects-'))
  root = path.join(home, 'made', 'objects')
  objects = makeLocalObjects(root)
})
afterAll(() => rm(home, { recursive: true }))

async function* content(...parts: string[]) {
  for (const part of parts) yield Buffer.from(part)
}

async function keysBelow(prefix?: string): Promise<string[]> {
  return keysOf(objects, prefix)
}

async function keysOf(store: ObjectStore, prefix?: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  return keys.sort()
}

const modeOf = async (file: string) => (await stat(file)).mode & 0o777

test('what was put is got again, with its size and its SHA-256, in files for this user alone', async () => {
  const stored = await objects.put('exports/5/first.zip', content('a diary, ', 'in two parts'))
  const whole = 'a diary, in two parts'
  expect(stored).toEqual({ bytes: 21, sha256: createHash('sha256').update(whole).digest('hex') })
  expect(await text(await objects.get('exports/5/first.zip'))).toBe(whole)
  expect(await objects.find('exports/5/first.zip')).toMatchObject({ key: 'exports/5/first.zip', bytes: 21 })
  expect(await modeOf(path.join(root, 'exports/5/first.zip'))).toBe(0o600)
  for (const folder of ['.', 'exports', 'exports/5']) expect(await modeOf(path.join(root, folder))).toBe(0o700)
  expect(await readdir(path.join(root, '.unfinished'))).toEqual([])
})

test('an object that is put again has the new content, and whoever reads the old one reads on', async () => {
  await objects.put('again', content('old'))
  const old = await objects.get('again')
  await objects.put('again', content('new'))
  expect(await text(await objects.get('again'))).toBe('new')
  expect(await text(old)).toBe('old')
})

test('what is deleted is gone, once', async () => {
  await objects.put('gone', content('soon'))
  expect(await objects.delete('gone')).toBe(true)
  expect(await objects.delete('gone')).toBe(false)
  expect(await objects.find('gone')).toBeNull()
  await expect(objects.get('gone')).rejects.toMatchObject({ name: 'ObjectMissing' })
})

test('a list has what lies below its words, not what only begins like them', async () => {
  for (const key of ['listed/5/a.zip', 'listed/5/b/c.zip', 'listed/50/d.zip']) await objects.put(key, content('x'))
  expect(await keysBelow('listed/5')).toEqual(['listed/5/a.zip', 'listed/5/b/c.zip'])
  expect(await keysBelow('listed')).toHaveLength(3)
  expect(await keysBelow('nothing/here')).toEqual([])
  expect(await keysBelow()).toEqual(expect.arrayContaining(['listed/50/d.zip']))
})

test.each([
  '',
  '/etc/passwd',
  '..',
  '../keys/access-tokens.pem',
  'a/../../b',
  'a/./b',
  'a//b',
  'a/',
  '.unfinished/x',
  'A',
  'a\0b',
  'a\\b',
  'a b',
  'a\n',
  `a${'b'.repeat(100)}`,
  `${'a/'.repeat(10)}b`,
])('%j is no key', async (key) => {
  await expect(objects.put(key, content('x'))).rejects.toThrow(TypeError)
  await expect(objects.get(key)).rejects.toThrow(TypeError)
  await expect(objects.find(key)).rejects.toThrow(TypeError)
  await expect(objects.delete(key)).rejects.toThrow(TypeError)
  await expect(keysBelow(key)).rejects.toThrow(TypeError)
})

test('content that fails, is too large or is called off leaves what was there, and nothing half', async () => {
  await objects.put('kept', content('whole'))
  async function* failing() {
    yield Buffer.from('half')
    throw new Error('the source failed')
  }
  await expect(objects.put('kept', failing())).rejects.toThrow('the source failed')
  await expect(objects.put('kept', content('123', '456'), { maxBytes: 5 })).rejects.toMatchObject({
    name: 'ObjectTooLarge',
  })
  const called = new AbortController()
  async function* endless() {
    for (;;) {
      yield Buffer.from('more')
      called.abort(new Error('called off'))
    }
  }
  await expect(objects.put('kept', endless(), { signal: called.signal })).rejects.toMatchObject({
    name: 'AbortError',
  })
  expect(await readFile(path.join(root, 'kept'), 'utf8')).toBe('whole')
  expect(await readdir(path.join(root, '.unfinished'))).toEqual([])
  await expect(objects.put('kept', content('12345'), { maxBytes: 5 })).resolves.toMatchObject({ bytes: 5 })
})

test('what a process that died left unfinished is removed when it is old, and never listed', async () => {
  const [old, fresh] = ['old', 'fresh'].map((name) => path.join(root, '.unfinished', name)) as [string, string]
  await writeFile(old, 'half')
  await writeFile(fresh, 'half')
  await utimes(old, new Date('2026-01-01'), new Date('2026-01-01'))
  expect((await keysBelow()).filter((key) => key.includes('unfinished'))).toEqual([])
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

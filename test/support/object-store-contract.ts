import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import type { ObjectStore } from '../../src/platform/objects/objects.ts'

/** Parts of an object's content. */
export async function* content(...parts: string[]) {
  for (const part of parts) yield Buffer.from(part)
}

export async function keysOf(store: ObjectStore, prefix?: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  return keys.sort()
}

/** What every place of objects must do, as tests of the file that calls this. `isClean` is told that nothing may be left half put. */
export function testObjectStore(store: () => ObjectStore, isClean: () => Promise<void>): void {
  test('what was put is got again, with its size and its SHA-256', async () => {
    const before = Date.now()
    const stored = await store().put('exports/5/first.zip', content('a diary, ', 'in two parts'))
    const whole = 'a diary, in two parts'
    expect(stored).toEqual({ bytes: 21, sha256: createHash('sha256').update(whole).digest('hex') })
    expect(await text(await store().get('exports/5/first.zip'))).toBe(whole)
    const found = await store().find('exports/5/first.zip')
    expect(found).toMatchObject({ key: 'exports/5/first.zip', bytes: 21 })
    // S3 says seconds.
    expect(Math.abs((found?.storedAt.getTime() ?? 0) - before)).toBeLessThan(60_000)
    await isClean()
  })

  test('an object may be empty', async () => {
    expect(await store().put('empty', content())).toMatchObject({ bytes: 0 })
    expect(await text(await store().get('empty'))).toBe('')
    expect(await store().find('empty')).toMatchObject({ bytes: 0 })
  })

  test('an object that is put again has the new content, and whoever reads the old one reads on', async () => {
    await store().put('again', content('old'))
    const old = await store().get('again')
    await store().put('again', content('new'))
    expect(await text(await store().get('again'))).toBe('new')
    expect(await text(old)).toBe('old')
  })

  test('what is deleted is gone, once', async () => {
    await store().put('gone', content('soon'))
    expect(await store().delete('gone')).toBe(true)
    expect(await store().delete('gone')).toBe(false)
    expect(await store().find('gone')).toBeNull()
    await expect(store().get('gone')).rejects.toMatchObject({ name: 'ObjectMissing' })
  })

  test('a list has what lies below its words, not what only begins like them', async () => {
    for (const key of ['listed/5/a.zip', 'listed/5/b/c.zip', 'listed/50/d.zip']) await store().put(key, content('x'))
    expect(await keysOf(store(), 'listed/5')).toEqual(['listed/5/a.zip', 'listed/5/b/c.zip'])
    expect(await keysOf(store(), 'listed')).toHaveLength(3)
    expect(await keysOf(store(), 'nothing/here')).toEqual([])
    expect(await keysOf(store())).toEqual(expect.arrayContaining(['listed/50/d.zip']))
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
    await expect(store().put(key, content('x'))).rejects.toThrow(TypeError)
    await expect(store().get(key)).rejects.toThrow(TypeError)
    await expect(store().find(key)).rejects.toThrow(TypeError)
    await expect(store().delete(key)).rejects.toThrow(TypeError)
    await expect(keysOf(store(), key)).rejects.toThrow(TypeError)
  })

  test('content that fails, is too large or is called off leaves what was there, and nothing half', async () => {
    await store().put('kept', content('whole'))
    async function* failing() {
      yield Buffer.from('half')
      throw new Error('the source failed')
    }
    await expect(store().put('kept', failing())).rejects.toThrow('the source failed')
    await expect(store().put('kept', content('123', '456'), { maxBytes: 5 })).rejects.toMatchObject({
      name: 'ObjectTooLarge',
    })
    const called = new AbortController()
    async function* endless() {
      for (;;) {
        yield Buffer.from('more')
        called.abort(new Error('called off'))
      }
    }
    await expect(store().put('kept', endless(), { signal: called.signal })).rejects.toMatchObject({
      name: 'AbortError',
    })
    const already = store().put('kept', content('late'), { signal: called.signal })
    await expect(already).rejects.toMatchObject({ name: 'AbortError' })
    expect(await text(await store().get('kept'))).toBe('whole')
    await isClean()
    await expect(store().put('kept', content('12345'), { maxBytes: 5 })).resolves.toMatchObject({ bytes: 5 })
  })
}

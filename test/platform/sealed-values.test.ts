import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { makeSeals } from '../../src/platform/sealed-values.ts'

const key = (id: string) => ({ id, key: randomBytes(32) })

test('a sealed text opens in its place alone, and reads differently each time', () => {
  const seals = makeSeals(() => [one])
  const one = key('one')
  const sealed = seals.seal('سر', 'table 1')
  expect(seals.open(sealed, 'table 1')).toBe('سر')
  expect(seals.open(sealed, 'table 2')).toBeNull()
  expect(seals.seal('سر', 'table 1')).not.toBe(sealed)
})

test('what an older key sealed opens for as long as it is kept, and is told from what the newest did', () => {
  const keys = [key('old')]
  const seals = makeSeals(() => keys)
  const sealed = seals.seal('a', 'place')
  keys.unshift(key('new'))
  expect(seals.open(sealed, 'place')).toBe('a')
  expect([seals.isCurrent(sealed), seals.isCurrent(seals.seal('a', 'place'))]).toEqual([false, true])
  keys.pop()
  expect(seals.open(sealed, 'place')).toBeNull()
})

test('what was changed does not open', () => {
  const only = [key('only')]
  const seals = makeSeals(() => only)
  const sealed = seals.seal('a text', 'place')
  for (let at = sealed.lastIndexOf('.') + 1; at < sealed.length - 1; at += 3) {
    const other = sealed[at] === 'A' ? 'B' : 'A'
    expect(seals.open(sealed.slice(0, at) + other + sealed.slice(at + 1), 'place')).toBeNull()
  }
  for (const text of ['', '1.only.', `2${sealed.slice(1)}`, 'text']) expect(seals.open(text, 'place')).toBeNull()
})

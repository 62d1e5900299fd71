import { expect, test } from '@jest/globals'
import { opened, sealed } from '../../../src/platform/cache/envelope.ts'

const kept = { value: '{"data":{"me":"\n-+"}}', storedAt: 1_800_000_000_123 }

test('what was sealed is opened under its key', () => {
  expect(opened('a key', sealed('a key', kept))).toEqual(kept)
  expect(opened('a key', sealed('a key', { ...kept, value: null }))).toEqual({ ...kept, value: null })
  expect(opened('a key', sealed('a key', { ...kept, value: '' }))).toEqual({ ...kept, value: '' })
})

test('whatever else comes back is nothing', () => {
  const text = sealed('a key', kept)
  expect(opened('another key', text)).toBeNull()
  expect(opened('a ke', text)).toBeNull()
  for (const nonsense of [null, undefined, 7, [], {}, '', '\n', 'yes', `${text} `, text.slice(0, -1), text.slice(1)])
    expect(opened('a key', nonsense)).toBeNull()
  for (let at = 0; at < text.length; at += 1) {
    const other = String.fromCharCode(text.charCodeAt(at) ^ 1)
    expect(opened('a key', text.slice(0, at) + other + text.slice(at + 1))).toBeNull()
  }
})

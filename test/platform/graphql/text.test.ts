import { expect, test } from '@jest/globals'
import { requireText } from '../../../src/platform/graphql/text.ts'

const rule = { field: 'input.name', max: 5 }
const refusal = expect.objectContaining({
  extensions: { code: 'BAD_USER_INPUT', reason: 'INVALID_TEXT', field: 'input.name' },
})

test.each([
  ['white space around it is cut', '  a b \n', 'a b'],
  ['it is NFC', 'e\u0301', '\u00e9'],
  ['line ends are \\n', 'a\r\nb\rc', 'a\nb\nc'],
  ['tabs stay', 'a\tb', 'a\tb'],
  ['length is in characters, not code units', '😀😀😀😀😀', '😀😀😀😀😀'],
  ['length counts after NFC', 'e\u0301'.repeat(5), '\u00e9'.repeat(5)],
])('%s', (_, value, text) => {
  expect(requireText(value, rule)).toBe(text)
})

test.each([
  ['nothing', ''],
  ['white space alone', ' \n\t '],
  ['one character too many', 'abcdef'],
  ['one emoji too many', '😀😀😀😀😀😀'],
  ['NUL', 'a\u0000b'],
  ['half of a surrogate pair', 'a\ud800'],
  ['an escape character', 'a\u001bb'],
  ['a C1 control character', 'a\u0085b'],
])('refuses %s', (_, value) => {
  expect(() => requireText(value, rule)).toThrow(refusal)
})

test('`min` 0 takes an empty text, `min` 3 does not take two characters', () => {
  expect(requireText(' ', { ...rule, min: 0 })).toBe('')
  expect(() => requireText('ab', { ...rule, min: 3 })).toThrow(refusal)
  expect(() => requireText('😀😀', { ...rule, min: 3 })).toThrow(refusal)
  expect(requireText('abc', { ...rule, min: 3 })).toBe('abc')
})

import { expect, test } from '@jest/globals'
import { makeStatementNames } from '../../../src/platform/database/statement-names.ts'

test('a text has the same name wherever it is named, and no other text has it', () => {
  const [one, another] = [makeStatementNames(), makeStatementNames()]
  const texts = Array.from({ length: 400 }, (_, index) => `select ${index}`)
  const names = texts.map(one)
  expect(texts.toReversed().map(another)).toEqual(names.toReversed())
  expect(new Set(names).size).toBe(400)
  for (const name of names) expect(name).toMatch(/^k[\w-]{20}$/)
})

test('beyond the bound texts go unnamed, and with a bound of 0 all do', () => {
  const few = makeStatementNames(1)
  expect([few('a'), few('b'), few('a')]).toEqual([expect.any(String), undefined, few('a')])
  expect(makeStatementNames(0)('a')).toBeUndefined()
})

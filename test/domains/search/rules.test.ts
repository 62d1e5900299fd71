import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { excerptOf, searchText, wordsOf } from '../../../src/domains/search/rules.ts'

const refusalOf = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    const { code, reason, field } = (error as { extensions: Record<string, unknown> }).extensions
    return { code, reason, field }
  }
}

const nothing = { code: 'BAD_USER_INPUT', reason: 'INVALID_TEXT', field: 'text' }

test.each(['', '   ', '!?', '" " -', "' & | ! <-> :*", '🙂', 'x'.repeat(201)])('%j is no search', (text) => {
  expect(refusalOf(() => searchText(text))).toEqual(nothing)
})

test('white space in a search is one space', () => {
  expect(searchText(' dawn \n\t prayer ')).toBe('dawn prayer')
})

test('words keep their marks and what stands between their letters', () => {
  expect(wordsOf(["The Qur'ān: صَلَاةُ-فجر, 3 times", "'the' The"])).toEqual([
    'The',
    "Qur'ān",
    'صَلَاةُ',
    'فجر',
    '3',
    'times',
    'the',
  ])
})

describe('an excerpt', () => {
  const meaning = (...words: string[]) => ((word: string) => words.includes(word)) as (word: string) => boolean

  test('of a short text is all of it, as it was written', () => {
    expect(excerptOf(['My <b>صَلَاةُ</b> & co'], meaning('صَلَاةُ'))).toEqual([
      { text: 'My <b>', isMatch: false },
      { text: 'صَلَاةُ', isMatch: true },
      { text: '</b> & co', isMatch: false },
    ])
  })

  test('is of the first text with a match, of the first one without any', () => {
    expect(excerptOf(['Name', 'a prayer'], meaning('prayer'))[1]).toEqual({ text: 'prayer', isMatch: true })
    expect(excerptOf(['Name', 'a prayer'], meaning('fast'))).toEqual([{ text: 'Name', isMatch: false }])
    expect(excerptOf([], meaning('fast'))).toEqual([])
  })

  test('of a long text lies where most matches are, between words', () => {
    const text = `a prayer ${'and then '.repeat(40)}one prayer, another prayer ${'and so on '.repeat(40)}`
    const fragments = excerptOf([text], meaning('prayer'))
    expect(fragments.map((fragment) => fragment.text).join('')).toMatch(
      /^… and then .*then one prayer, another prayer and so .* (and|so|on) …$/,
    )
    expect(fragments.filter(({ isMatch }) => isMatch)).toHaveLength(2)
  })

  test('is never longer than 200 characters and two ellipses, and well formed, and holds the match', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'grapheme', maxLength: 60 }),
            fc.constant('prayer'),
            fc.constant('🙂'.repeat(150)),
          ),
        ),
        (words) => {
          const text = words.join(' ')
          const fragments = excerptOf([text], meaning('prayer'))
          const whole = fragments.map((fragment) => fragment.text).join('')
          expect(whole.length).toBeLessThanOrEqual(204)
          expect(whole.isWellFormed()).toBe(true)
          expect(text).toContain(whole.replace(/^… /, '').replace(/ …$/, ''))
          const isThere = wordsOf([text]).includes('prayer')
          expect(fragments.some((fragment) => fragment.isMatch && fragment.text === 'prayer')).toBe(isThere)
          expect(fragments.every((fragment) => fragment.text !== '')).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })
})

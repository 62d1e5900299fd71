import type { SearchKind } from '../../generated/database.ts'
import type { Page } from '../../platform/database/page.ts'
import type { UserId } from '../../platform/database/types.ts'
import { badUserInput } from '../../platform/graphql/errors.ts'
import { requireText } from '../../platform/graphql/text.ts'

/** A piece of an excerpt: a word that was searched for, or what stands before, between and after such. */
export interface Fragment {
  readonly text: string
  readonly isMatch: boolean
}

/** An object that was found: what `SearchResult` is made of. */
export interface FoundObject {
  readonly ownerId: UserId
  readonly kind: SearchKind
  readonly rank: number
  readonly node: object & { readonly __typename: string }
  fragments(): Promise<Fragment[]>
}

export type FoundPage = Page<FoundObject>

/** What may be searched, and the scope that its objects need. */
export const scopesOfKinds: Readonly<Partial<Record<SearchKind, string>>> = {
  deed: 'DEEDS_READ',
  deed_item: 'DEEDS_READ',
  note: 'ENTRIES_READ',
  reflection: 'JOURNAL_READ',
  message: 'MESSAGES_READ',
  resource: 'RESOURCES_READ',
}

const longestSearch = 200

/** The text as it is searched for. BAD_USER_INPUT, INVALID_TEXT unless it has 1..200 characters and a letter or digit among them. */
export function searchText(text: string): string {
  const wanted = requireText(text, { field: 'text', max: longestSearch }).replaceAll(/\s+/g, ' ')
  if (/[\p{L}\p{N}]/u.test(wanted)) return wanted
  throw badUserInput('There is nothing to search for in `text`: give it a word or a number.', {
    reason: 'INVALID_TEXT',
    field: 'text',
  })
}

// Letters with their marks, digits, and apostrophes between them: "Qur'ān" is one word.
const wordPattern = /[\p{L}\p{M}\p{N}]+(?:['’‘ʻ`][\p{L}\p{M}\p{N}]+)*/gu

/** The words of some texts, each once. */
export function wordsOf(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => text.match(wordPattern) ?? []))]
}

const excerptLength = 200
/** How much of an excerpt stands before the first match. */
const lead = 40

interface Match {
  readonly start: number
  readonly end: number
}

/**
 * At most 200 characters out of the first of these texts that has a word which is meant, as it was written, with the words
 * marked; where none has one, the beginning of the first. `…` stands where something was left out.
 */
export function excerptOf(texts: readonly string[], isMeant: (word: string) => boolean): Fragment[] {
  const found = texts.map((text) => ({ text, matches: matchesIn(text, isMeant) }))
  const best = found.find(({ matches }) => matches.length > 0) ?? found[0]
  return best ? fragmentsOf(best.text, best.matches, windowAround(best.text, best.matches)) : []
}

function matchesIn(text: string, isMeant: (word: string) => boolean): Match[] {
  return [...text.matchAll(wordPattern)]
    .filter(([word]) => isMeant(word))
    .map(({ index, 0: word }) => ({ start: index, end: index + word.length }))
}

/** The stretch that holds most matches, beginning a little before the first of them, at a word. */
function windowAround(text: string, matches: readonly Match[]): Match {
  if (text.length <= excerptLength) return { start: 0, end: text.length }
  const room = excerptLength - lead
  let best = { start: 0, count: 0 }
  let last = 0
  for (const [first, { start }] of matches.entries()) {
    while (last < matches.length && (matches[last]?.end ?? 0) <= start + room) last += 1
    if (last - first > best.count) best = { start, count: last - first }
  }
  const start = wordStart(text, Math.max(0, Math.min(best.start - lead, text.length - excerptLength)), best.start)
  return { start, end: wordEnd(text, Math.min(text.length, start + excerptLength), best.start) }
}

function wordStart(text: string, from: number, match: number): number {
  if (from === 0) return 0
  const space = text.indexOf(' ', from - 1)
  return space === -1 || space >= match ? wholeCharacter(text, Math.min(from, match)) : space + 1
}

function wordEnd(text: string, to: number, match: number): number {
  if (to === text.length) return to
  const space = text.lastIndexOf(' ', to)
  return space <= match ? wholeCharacter(text, to) : space
}

/** Not between the two halves of a surrogate pair. */
function wholeCharacter(text: string, at: number): number {
  return /[\uDC00-\uDFFF]/.test(text.charAt(at)) ? at - 1 : at
}

function fragmentsOf(text: string, matches: readonly Match[], { start, end }: Match): Fragment[] {
  const pieces: Fragment[] = []
  let at = start
  let between = start > 0 ? '… ' : ''
  const flush = () => {
    if (between) pieces.push({ text: between, isMatch: false })
    between = ''
  }
  for (const match of matches) {
    if (match.end <= start || match.start >= end) continue
    between += text.slice(at, match.start)
    flush()
    at = Math.min(match.end, end)
    pieces.push({ text: text.slice(Math.max(match.start, start), at), isMatch: true })
  }
  between += text.slice(at, end) + (end < text.length ? ' …' : '')
  flush()
  return pieces
}

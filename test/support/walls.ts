// One of the two walls taken away: the application's own conditions, in the statements on their way to the database.
import pg from 'pg'
import { Flight, type Landed, type Statement } from '../../src/platform/database/flight.ts'
import type { Send } from './statements.ts'

export interface Watch {
  /** Makes each statement of a viewer what is sent instead. */
  readonly rewrite?: (text: string) => string
  /** Is told of the rows that each of these statements got, and of what the database said against it. */
  readonly onAnswer?: (
    text: string,
    answer: { rows: readonly unknown[]; error?: { code?: string; message: string } },
  ) => void
  /** Whether what a transaction did is taken back instead of kept, of whichever role. */
  readonly takeBack?: boolean
}

/** A flight as pg holds it: it is called with what came back. */
type Flying = Flight & { callback: Landed }

/** While `work` runs, what this process sends as the application, so as some viewer, goes through `watch`. */
export async function watching<Answer>(watch: Watch, work: () => Promise<Answer>): Promise<Answer> {
  const prototype = pg.Client.prototype as unknown as { query: Send }
  const send = prototype.query
  prototype.query = function (this: { user?: string }, statement, ...others) {
    if (statement === 'commit' && watch.takeBack) return send.call(this, 'rollback', ...others)
    if (this.user === 'kitaab_app' && statement instanceof Flight) watchFlight(statement as Flying, watch)
    return send.call(this, statement, ...others)
  }
  try {
    return await work()
  } finally {
    prototype.query = send
  }
}

/** Has a flight carry other texts, which are not prepared, and tells what each of them came to. */
function watchFlight(flight: Flying, { rewrite, onAnswer }: Watch): void {
  const { statements, callback } = flight
  flight.statements = statements.map(({ text, values }): Statement => ({ text: rewrite?.(text) ?? text, values }))
  flight.callback = (error, answers) => {
    for (const [index, { rows }] of answers.entries()) onAnswer?.(statements[index]?.text ?? '', { rows })
    if (error) onAnswer?.(statements[answers.length]?.text ?? '', { rows: [], error })
    callback(error, answers)
  }
}

const names = 'user_id|owner_id|viewer_id|requester_id|requestee_id|author_id|actor_id|ownerId|requesteeId|requesterId'
/** A column that says whose a row is. */
const owner = String.raw`(?<![\w".$])(?:"?\w+"?\.)?"?(?:${names})"?(?![\w".(])`
const column = String.raw`(?!case\b)(?:"?\w+"?\.)?"?\w+"?`
const value = String.raw`(?:any\s*\(\s*\$\d+::bigint\[\]\s*\)|\$\d+(?:::bigint)?(?!\w)|\d{9,})`
const bracketed = (what: string) => String.raw`(?:${what}|\(\s*${what}\s*\))`
const isOrNot = String.raw`(?:=|<>|!=|is\s+(?:not\s+)?distinct\s+from)`
/** A key that begins with the owner. */
const key = String.raw`\(\s*${owner}\s*(?:,\s*${column}\s*)+\)`

/** A column that says whose a row is, compared with somebody, alone or in a key; of `(a, b) in (...)` the beginning. */
const conditions = new RegExp(
  [
    String.raw`${key}\s*(?:not\s+)?in\s*\(`,
    String.raw`${key}\s*${isOrNot}\s*\([^()]*\)`,
    String.raw`${bracketed(owner)}\s*${isOrNot}\s*(?:${value}|${bracketed(column)})(?![\w".(])`,
    String.raw`${value}\s*${isOrNot}\s*${owner}`,
    String.raw`${bracketed(owner)}\s+is\s+(?:not\s+)?null`,
    String.raw`\busing\s*\(\s*user_id\s*(?:,[^()]*)?\)`,
  ].join('|'),
  'g',
)

export interface Condition {
  /** Where it begins and ends in its statement. */
  readonly from: number
  readonly to: number
  /** How it reads, whichever the numbers of its values. */
  readonly words: string
}

/** The conditions on owners and viewers in a statement, in their order; one in the `in (...)` of another follows it. */
export function conditionsIn(text: string): Condition[] {
  return [...text.matchAll(conditions)].map(({ index: from, 0: { length } }) => {
    const opened = from + length
    const to = /\bin\s*\($/.test(text.slice(from, opened)) ? closing(text, opened - 1) + 1 : opened
    const words = text
      .slice(from, to)
      .replaceAll(/\$\d+|\d{9,}/g, '?')
      .replaceAll(/\s+/g, ' ')
    return { from, to, words }
  })
}

/** Where the parenthesis that opens there is closed. */
function closing(text: string, opening: number): number {
  let depth = 0
  for (let at = opening; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1
    if (text[at] === ')') depth -= 1
    if (depth === 0) return at
  }
  throw new Error('A parenthesis that is not closed.')
}

/** The statement without its conditions, or without those that are meant. */
export function withoutConditions(text: string, isMeant: (condition: Condition) => boolean = () => true): string {
  let rewritten = ''
  let done = 0
  for (const condition of conditionsIn(text)) {
    const { from, to } = condition
    if (from < done || !isMeant(condition)) continue
    rewritten += text.slice(done, from) + nothingOf(text.slice(from, to))
    done = to
  }
  return rewritten + text.slice(done)
}

/** What says nothing about a row. A value is still sent, and must have a type. */
function nothingOf(taken: string): string {
  if (taken.startsWith('using')) return 'on true'
  const values = taken.matchAll(/(\$\d+)(::\w+(?:\[\])?)?/g)
  const kept = [...values].map(([, sent, type = '::bigint']) => ` or ${sent}${type} is null`)
  return kept.length === 0 ? 'true' : `(true${kept.join('')})`
}

/** What compares an owner and keeps no row back. */
const noCondition = [
  // Who recorded an entry, and whether its owner did: columns of an entry that is shown.
  String.raw`${owner}\s*=\s*case when`,
  String.raw`\bin\s*\(${owner},\s*\$\d+\)`,
  // Rows that the statement has read already, put together in statistics.
  String.raw`\busing\s*\(owner_id, deed_id\)`,
]
const comparison = new RegExp(
  [
    String.raw`${owner}\s*\)?\s*(?:[=<>!]|\bis\b|\bin\b|\bnot\b|\bbetween\b)`,
    String.raw`(?:[=<>!]|\bany\s*\(|\bin\s*\(|\bfrom)\s*\(?\s*${owner}(?!\s+as\b)`,
    String.raw`${key}\s*(?:not\s+)?(?:\bin\b|[=<>!]|is\b)`,
    String.raw`\busing\s*\([^()]*(?:${names})\b[^()]*\)`,
  ].join('|'),
  'g',
)

/** Where an owner or a viewer is compared with something in a way that `conditionsIn` does not know, with what follows. */
export function missedIn(text: string): string[] {
  const rest = text.replaceAll(conditions, ' taken ').replaceAll(new RegExp(noCondition.join('|'), 'g'), ' chosen ')
  return [...rest.matchAll(comparison)].map(({ index, 0: { length } }) => rest.slice(index, index + length + 40))
}

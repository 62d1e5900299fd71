import pg from 'pg'

export type Send = (statement: unknown, ...others: unknown[]) => unknown

/** A query that brings its own way onto the wire, as EnteredQuery does. */
interface OwnQuery {
  name: string
  text: string
  queryMode: string
  callback: (error: unknown, answer: unknown) => void
}

/** Whether pg is given a query that brings its own way onto the wire. */
export const isOwnQuery = (statement: unknown): statement is OwnQuery => statement instanceof pg.Query

/** Lets such a query send another text, not prepared, still behind its entry. */
export function retext(query: OwnQuery, text: string): OwnQuery {
  return Object.assign(query, { name: '', text, queryMode: 'extended' })
}

/** While `work` runs, every statement of this process is sent as `rewrite` makes it, none of them prepared. */
export async function rewriting<Answer>(
  rewrite: (text: string) => string,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const prototype = pg.Client.prototype as unknown as { query: Send }
  const send = prototype.query
  prototype.query = function (statement, ...others) {
    if (isOwnQuery(statement)) return send.call(this, retext(statement, rewrite(statement.text)), ...others)
    const isNamed = typeof statement === 'object' && statement !== null && 'text' in statement && 'values' in statement
    if (!isNamed) return send.call(this, statement, ...others)
    const { name: _, text, ...rest } = statement as { name?: string; text: string }
    return send.call(this, { ...rest, text: rewrite(text) }, ...others)
  }
  try {
    return await work()
  } finally {
    prototype.query = send
  }
}

/** The text with each condition that begins like this made true; a beginning with `(` stands for all up to where that closes. */
export function withoutCondition(text: string, beginning: RegExp): string {
  let rest = text
  let done = ''
  for (let match = beginning.exec(rest); match; match = beginning.exec(rest)) {
    const [found] = match
    const end = found.startsWith('(') ? closing(rest, match.index) + 1 : match.index + found.length
    // What is not used any more is still sent: it must have a type.
    const parameters = rest.slice(match.index, end).match(/\$\d+/g) ?? []
    const kept = parameters.map((parameter) => ` or ${parameter}::text is null`)
    done += `${rest.slice(0, match.index)}(true${kept.join('')})`
    rest = rest.slice(end)
  }
  return done + rest
}

/** Where the parenthesis that opens there is closed. */
export function closing(text: string, opening: number): number {
  let depth = 0
  for (let at = opening; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1
    if (text[at] === ')') depth -= 1
    if (depth === 0) return at
  }
  throw new Error('A parenthesis that is not closed.')
}

/** A statement with its values, as it went to PostgreSQL. */
export interface Sent {
  readonly text: string
  readonly values: readonly unknown[]
}

/** The statements with values that this process sent while `work` ran, beginnings and ends of transactions left out. */
export async function sentDuring(work: () => Promise<unknown>): Promise<Sent[]> {
  const prototype = pg.Client.prototype as unknown as { query: Send }
  const send = prototype.query
  const sent: Sent[] = []
  prototype.query = function (statement, ...others) {
    const { text, values } = statement as { text?: string; values?: unknown[] }
    if (text !== undefined && values !== undefined) sent.push({ text, values })
    return send.call(this, statement, ...others)
  }
  try {
    await work()
  } finally {
    prototype.query = send
  }
  return sent
}

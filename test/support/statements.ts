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

import pg from 'pg'
import { Flight, type Statement } from '../../src/platform/database/flight.ts'

export type Send = (statement: unknown, ...others: unknown[]) => unknown

/** A statement with its values, as it went to PostgreSQL. */
export type Sent = Pick<Statement, 'text' | 'values'>

/** The statements of what pg is given to send, but for those without values: beginnings and ends of transactions. */
export function statementsOf(sent: unknown): readonly Sent[] {
  const statements = sent instanceof Flight ? sent.statements : [sent as Partial<Sent>]
  return statements.flatMap(({ text, values }) => (text !== undefined && values?.length ? { text, values } : []))
}

/** The statements with values that this process sent while `work` ran, beginnings and ends of transactions left out. */
export async function sentDuring(work: () => Promise<unknown>): Promise<Sent[]> {
  const prototype = pg.Client.prototype as unknown as { query: Send }
  const send = prototype.query
  const sent: Sent[] = []
  prototype.query = function (statement, ...others) {
    sent.push(...statementsOf(statement))
    return send.call(this, statement, ...others)
  }
  try {
    await work()
  } finally {
    prototype.query = send
  }
  return sent
}

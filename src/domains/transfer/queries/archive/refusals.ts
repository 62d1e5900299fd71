import pg from 'pg'

/** A rule of the database: of data (22), of constraints (23), of triggers (KT). */
export function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(22|23|KT)/.test(error.code ?? '')
}

/** What it says, for whoever wrote the row. */
export function sentenceOf(error: pg.DatabaseError): string {
  if (error.code?.startsWith('KT')) return error.message.replace(/\.$/, '')
  if (/^no partition/.test(error.message)) return 'is of a day that is still to come'
  return error.constraint === undefined ? error.message : `breaks the rule ${error.constraint}`
}

import { hash } from 'node:crypto'

/** The name under which a text is prepared, or undefined: it goes unnamed, parsed and planned each time. */
export type StatementNames = (sql: string) => string | undefined

/** A longer text is a batch written out by hand: no two are alike, and their plans would only fill the server's memory. */
const longestNamedText = 20_000

/**
 * One name per text, and the same in every process: a connection that a pooler hands on never runs another text than was meant. At most
 * `limit` of them, for as long as the process lives.
 *
 * Once all are given, new texts go unnamed. The alternative, new connections whenever the bound is reached, makes every
 * hot statement pay for the rare ones, over and over, when a caller varies its filters; going unnamed costs the late
 * statements a third of their speed and the others nothing. Hot texts come early: id lists are one array parameter
 * each, so the service has some hundreds of texts in all.
 */
export function makeStatementNames(limit = 500): StatementNames {
  const names = new Map<string, string>()
  return (sql) => {
    const known = names.get(sql)
    if (known !== undefined || names.size >= limit || sql.length > longestNamedText) return known
    const name = `k${hash('sha256', sql, 'base64url').slice(0, 20)}`
    names.set(sql, name)
    return name
  }
}

import { createHash } from 'node:crypto'
import { badUserInput } from '../graphql/errors.ts'

/** Longer ones were not made here: a sort column has at most 200 characters. */
const longestCursor = 4_000

/** What a cursor belongs to: a list, its order and filter. Cursors of another scope are refused. */
export type CursorScope = string

/** A fingerprint of everything that decides which rows a list has and in which order: any JSON. */
export function cursorScope(parts: unknown): CursorScope {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 12)
}

/** A row's place in a list: its sort columns in the database's own text, as JSON. It is opaque to clients. */
export function toCursor(scope: CursorScope, place: string): string {
  return Buffer.from(JSON.stringify([scope, ...JSON.parse(place)])).toString('base64url')
}

/** Cursors of rows, made when somebody asks for one: most pages are read for their rows alone. */
export function lazyCursors(scope: unknown, places: readonly string[]): () => readonly string[] {
  let made: readonly string[] | undefined
  return () => {
    if (made) return made
    const fingerprint = cursorScope(scope)
    made = places.map((place) => toCursor(fingerprint, place))
    return made
  }
}

/** The place that a cursor names. BAD_USER_INPUT, INVALID_CURSOR unless it was made for this scope. */
export function fromCursor(cursor: string, scope: CursorScope, columns: number): string[] {
  if (cursor.length > longestCursor) throw invalidCursor()
  const bytes = Buffer.from(cursor, 'base64url')
  // Node reads base64 leniently; a cursor has one spelling.
  if (bytes.toString('base64url') !== cursor) throw invalidCursor()
  const [madeFor, ...place] = parsed(bytes.toString())
  if (madeFor !== scope || place.length !== columns) throw invalidCursor()
  return place
}

export function invalidCursor() {
  return badUserInput('This cursor is not of this list, order and filter.', {
    reason: 'INVALID_CURSOR',
    field: 'after',
  })
}

function parsed(text: string): string[] {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    throw invalidCursor()
  }
  if (!Array.isArray(content) || !content.every((part) => typeof part === 'string')) throw invalidCursor()
  return content
}

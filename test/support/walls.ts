// One of the two walls taken away: the application's own conditions, in the statements on their way to the database.
import pg from 'pg'
import { isOwnQuery, retext, type Send } from './statements.ts'

interface Statement {
  readonly name?: string
  readonly text: string
  readonly values: readonly unknown[]
}

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

const isStatement = (statement: unknown): statement is Statement =>
  typeof statement === 'object' && statement !== null && 'text' in statement && 'values' in statement

/** While `work` runs, what this process sends as the application, so as some viewer, goes through `watch`. */
export async function watching<Answer>(watch: Watch, work: () => Promise<Answer>): Promise<Answer> {
  const prototype = pg.Client.prototype as unknown as { query: Send }
  const send = prototype.query
  prototype.query = function (this: { user?: string }, statement, ...others) {
    if (statement === 'commit' && watch.takeBack) return send.call(this, 'rollback', ...others)
    if (this.user !== 'kitaab_app' || !isStatement(statement)) return send.call(this, statement, ...others)
    const { name: _, text, ...rest } = statement
    const told = (error: unknown, answer: unknown) =>
      watch.onAnswer?.(text, {
        rows: (answer as { rows?: unknown[] } | undefined)?.rows ?? [],
        ...(error != null && { error: error as Error }),
      })
    if (isOwnQuery(statement)) {
      const { callback } = statement
      statement.callback = (error, answer) => {
        told(error, answer)
        callback(error, answer)
      }
      return send.call(this, retext(statement, watch.rewrite?.(text) ?? text), ...others)
    }
    const rewritten = { ...rest, text: watch.rewrite?.(text) ?? text }
    const [callback] = others
    if (typeof callback === 'function') {
      return send.call(this, rewritten, (error: unknown, answer: unknown) => {
        told(error, answer)
        callback(error, answer)
      })
    }
    const answer = send.call(this, rewritten, ...others) as Promise<unknown>
    answer.then(
      (rows) => told(undefined, rows),
      (error) => told(error, undefined),
    )
    return answer
  }
  try {
    return await work()
  } finally {
    prototype.query = send
  }
}

const owner = String.raw`(?:"?\w+"?\.)?"?(?:user_id|owner_id|viewer_id|requester_id|requestee_id|author_id|actor_id)"?`
const whom = String.raw`(?:any\s*\(\s*\$\d+::bigint\[\]\s*\)|\$\d+(?:::bigint)?|\d{9,}|${owner})`
/** A column that says whose a row is, compared with somebody. What stands in `case when` chooses columns, not rows. */
const condition = new RegExp(String.raw`(?<!case when )(?<![\w".])${owner}\s*=\s*${whom}(?![\w".(])`, 'g')

/** Where the conditions on owners and viewers begin in a statement. */
export const conditionsIn = (text: string): number[] => [...text.matchAll(condition)].map(({ index }) => index)

/** The statement without the conditions that begin at these places. */
export function withoutConditions(text: string, places: readonly number[]): string {
  return text.replaceAll(condition, (found, ...rest) => {
    if (!rest.some((each) => typeof each === 'number' && places.includes(each))) return found
    // A value that nothing else uses is still sent, and must have a type.
    const [value, cast = '::text'] = found.match(/\$\d+(::[\w[\]]+)?/)?.values() ?? []
    const isUsedElsewhere =
      value !== undefined &&
      text.split(new RegExp(`${value.replace(/::.*/, '').replace('$', '\\$')}(?!\\d)`)).length > 2
    return value === undefined || isUsedElsewhere ? 'true' : `(true or ${value.replace(/::.*/, '')}${cast} is null)`
  })
}

import type { RawBuilder, SelectQueryBuilder } from 'kysely'
import { sql } from 'kysely'
import { badUserInput } from '../graphql/errors.ts'
import { cursorScope, fromCursor, invalidCursor, lazyCursors } from './cursors.ts'
import { sqlState } from './database-errors.ts'
import type { Page } from './page.ts'
import type { Database } from './types.ts'

/** A sort column, which is never null. Where it is an expression, `column` is that. */
export interface SortColumn {
  readonly column: string | RawBuilder<unknown>
  readonly direction?: 'asc' | 'desc'
}

export interface KeysetOptions {
  /** Ends with what makes it unique, so that no two rows share a place. */
  readonly order: readonly SortColumn[]
  readonly first: number
  readonly after?: string | null | undefined
  /** The most that `first` may be. */
  readonly max?: number
  /** Any JSON that tells this list, order and filter from all others: a cursor of another one is refused. */
  readonly scope: unknown
}

/** Counting stops here: `totalCount` is null beyond. */
export const mostCounted = 10_000

/** Where each row says its place, for its cursor. */
const place = 'keyset_place'

/** What a value of the wrong form does in a comparison: the cursor was not made here, or made by another version. */
const malformedValues = new Set(['22P02', '22003', '22007', '22008', '22021'])

/**
 * A page of a query that has neither order nor limit, from behind the cursor `after`. Rows that come or go meanwhile
 * move no other row to another page.
 *
 * BAD_USER_INPUT when `first` is not 1..max (INVALID_PAGE_SIZE), or when the cursor is malformed or of another list
 * (INVALID_CURSOR).
 */
export async function keysetPage<Schema, Tables extends keyof Schema, Row>(
  db: Database,
  query: SelectQueryBuilder<Schema, Tables, Row>,
  options: KeysetOptions,
): Promise<Page<Row>> {
  const { order, first, after, max = 100, scope: parts } = options
  checkPageSize(first, max)
  const columns = namedColumns(order)
  let page = inOrder(query, columns).limit(first + 1)
  if (after != null) page = page.where(behind(columns, fromCursor(after, cursorScope(parts), order.length)))
  const answer: unknown = await page.execute().catch((error: unknown) => {
    throw after != null ? malformedAsCursor(error) : error
  })
  return pageOf(
    answer as Placed<Row>[],
    options,
    counter(db, () => query),
  )
}

/** The statement of a first page, to be `prepared`: it reads `limit` rows, one more than the page shows. */
export function firstPageStatement<Schema, Tables extends keyof Schema, Row>(
  query: SelectQueryBuilder<Schema, Tables, Row>,
  order: readonly SortColumn[],
  limit: number,
): SelectQueryBuilder<Schema, Tables, Placed<Row>> {
  const page = inOrder(query, namedColumns(order)).limit(sql<number>`${limit}`)
  return page as unknown as SelectQueryBuilder<Schema, Tables, Placed<Row>>
}

/** A row with its place. */
export type Placed<Row> = Row & { [place]?: string | undefined }

function inOrder<Schema, Tables extends keyof Schema, Row>(
  query: SelectQueryBuilder<Schema, Tables, Row>,
  columns: readonly NamedColumn[],
) {
  let page = query.select(placeOf(columns).as(place))
  for (const { name, direction } of columns) page = page.orderBy(name, direction)
  return page
}

/** The page that `first + 1` rows, or fewer, are; without cursors where the rows do not tell their places. */
export function pageOf<Row>(
  found: Placed<Row>[],
  { first, after, scope }: Pick<KeysetOptions, 'first' | 'after' | 'scope'>,
  countAll: () => Promise<number | null>,
): Page<Row> {
  const shown = found.length > first ? found.slice(0, first) : found
  const cursors = lazyCursors(scope, takePlaces(shown))
  return {
    rows: shown,
    get cursors() {
      return cursors()
    },
    hasNextPage: found.length > first,
    hasPreviousPage: after != null,
    countAll,
  }
}

/** BAD_USER_INPUT, INVALID_CURSOR instead of an error about the form of a value; any other error as it is. */
export function malformedAsCursor(error: unknown): unknown {
  return malformedValues.has(sqlState(error) ?? '') ? invalidCursor() : error
}

/** The places out of the rows, which are those of `query` then. To copy each row without its place would take longer than to read it. */
function takePlaces(rows: readonly { [place]?: string | undefined }[]): string[] {
  return rows.flatMap((row) => {
    const { [place]: found } = row
    if (found === undefined) return []
    row[place] = undefined
    return found
  })
}

/** Sort columns as they stand in SQL. */
export function namedColumns(order: readonly SortColumn[]): NamedColumn[] {
  return order.map(({ column, direction = 'asc' }) => ({
    name: typeof column === 'string' ? sql.ref(column) : sql`(${column})`,
    direction,
  }))
}

/** A row's place, for its cursor: JSON, so that it is only taken apart for a cursor that somebody asks for. */
export function placeOf(columns: readonly NamedColumn[]): RawBuilder<string> {
  return sql<string>`json_build_array(${sql.join(columns.map(({ name }) => sql`${name}::text`))})::text`
}

/** BAD_USER_INPUT, INVALID_PAGE_SIZE unless `first` is a whole number from 1 to max. */
export function checkPageSize(first: number, max: number): void {
  if (Number.isInteger(first) && first >= 1 && first <= max) return
  throw badUserInput(`first is from 1 to ${max}.`, { reason: 'INVALID_PAGE_SIZE', field: 'first' })
}

export interface NamedColumn {
  readonly name: RawBuilder<unknown>
  readonly direction: 'asc' | 'desc'
}

/** Sorted one way throughout, a row comparison, which an index can answer; else the same, column by column. */
function behind(columns: readonly NamedColumn[], values: readonly string[]): RawBuilder<boolean> {
  const [first] = columns
  if (first && columns.every((column) => column.direction === first.direction)) {
    const names = sql.join(columns.map((column) => column.name))
    return sql<boolean>`(${names}) ${operator(first)} (${sql.join([...values])})`
  }
  const ways = columns.map((column, index) => {
    const equal = columns.slice(0, index).map((before, position) => sql`${before.name} = ${values[position]}`)
    return sql`(${sql.join([...equal, sql`${column.name} ${operator(column)} ${values[index]}`], sql` and `)})`
  })
  return sql<boolean>`(${sql.join(ways, sql` or `)})`
}

function operator({ direction }: NamedColumn): RawBuilder<unknown> {
  return direction === 'asc' ? sql`>` : sql`<`
}

/** How many rows a query has, null beyond 10,000. Counts once, when first asked. */
export function counter<Schema, Tables extends keyof Schema, Row>(
  db: Database,
  query: () => SelectQueryBuilder<Schema, Tables, Row>,
): () => Promise<number | null> {
  let counted: Promise<number | null> | undefined
  const count = async () => {
    const some = query().limit(mostCounted + 1)
    const { rows } = await sql<{ count: string }>`select count(*) as count from (${some}) as counted`.execute(db)
    const total = Number(rows[0]?.count ?? 0)
    return total > mostCounted ? null : total
  }
  return () => {
    counted ??= count()
    return counted
  }
}

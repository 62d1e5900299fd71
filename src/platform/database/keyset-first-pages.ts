import type { SelectQueryBuilder } from 'kysely'
import { sql } from 'kysely'
import { lazyCursors } from './cursors.ts'
import { checkPageSize, mostCounted, namedColumns, placeOf, type SortColumn } from './keyset.ts'
import type { Page } from './page.ts'
import type { Database } from './types.ts'

export interface FirstPagesOptions<Column extends string> {
  /** What tells one list from another, by name, with its type in SQL; the query speaks of it as `wanted.<name>`. */
  readonly columns: Readonly<Record<Column, string>>
  /** For each list its values (JSON), and the scope that `keysetPage` is given for its further pages. */
  readonly lists: readonly { readonly values: Readonly<Record<Column, unknown>>; readonly scope: unknown }[]
  readonly order: readonly SortColumn[]
  readonly first: number
  /** The most that `first` may be. */
  readonly max?: number
}

interface Placed {
  keyset_list: number
  keyset_place: string
}

/**
 * The first pages of many lists that differ in `wanted` alone, in one statement; in the order of `lists`. For all
 * further pages there is `keysetPage`, with the same order and scope. `totalCount` of all of them is one statement, too.
 *
 * BAD_USER_INPUT, INVALID_PAGE_SIZE when `first` is not 1..max.
 */
export async function keysetFirstPages<Schema, Tables extends keyof Schema, Row, Column extends string>(
  db: Database,
  query: SelectQueryBuilder<Schema, Tables, Row>,
  options: FirstPagesOptions<Column>,
): Promise<Page<Row>[]> {
  const { lists, order, first, max = 100 } = options
  checkPageSize(first, max)
  const columns = namedColumns(order)
  let page = query.select(placeOf(columns).as('keyset_place')).limit(first + 1)
  for (const [index, { name, direction }] of columns.entries()) {
    page = page.select(name.as(`keyset_order_${index}`)).orderBy(name, direction)
  }
  // A join promises no order of its rows, so it is asked for again.
  const outer = columns.map(
    ({ direction }, index) => sql`${sql.ref(`page.keyset_order_${index}`)} ${sql.raw(direction)}`,
  )
  const { rows } = await sql<Row & Placed>`
    select wanted.keyset_list, page.*
    from ${wantedLists(options)}
    cross join lateral (${page}) as page
    order by ${sql.join([sql`wanted.keyset_list`, ...outer])}`.execute(db)
  const found = Map.groupBy(rows, (row) => row.keyset_list)
  const count = counterOfLists(db, query, options)
  return lists.map(({ scope }, list) => {
    const some = found.get(list) ?? []
    const shown = some.slice(0, first)
    const cursors = lazyCursors(
      scope,
      shown.map((row) => row.keyset_place),
    )
    return {
      rows: shown.map(withoutPlace),
      get cursors() {
        return cursors()
      },
      hasNextPage: some.length > first,
      hasPreviousPage: false,
      countAll: async () => (await count()).get(list) ?? null,
    }
  })
}

function withoutPlace<Row>(row: Row & Placed): Row {
  const own = Object.entries(row).filter(([name]) => !name.startsWith('keyset_'))
  return Object.fromEntries(own) as Row
}

function wantedLists<Column extends string>({ columns, lists }: FirstPagesOptions<Column>) {
  const values = JSON.stringify(lists.map((list, index) => ({ ...list.values, keyset_list: index })))
  const names = Object.entries<string>(columns).map(([name, type]) => sql`${sql.ref(name)} ${sql.raw(type)}`)
  return sql`jsonb_to_recordset(${values}::jsonb) as wanted (${sql.join([sql`keyset_list integer`, ...names])})`
}

/** How many rows each list has, null beyond 10,000. Counts all of them once, when one is first asked for. */
function counterOfLists<Schema, Tables extends keyof Schema, Row, Column extends string>(
  db: Database,
  query: SelectQueryBuilder<Schema, Tables, Row>,
  options: FirstPagesOptions<Column>,
): () => Promise<Map<number, number | null>> {
  let counted: Promise<Map<number, number | null>> | undefined
  const count = async () => {
    const limited = query.limit(mostCounted + 1)
    const { rows } = await sql<{ list: number; count: string }>`
      select wanted.keyset_list as list, counted.count
      from ${wantedLists(options)}
      cross join lateral (select count(*) as count from (${limited}) as limited) as counted`.execute(db)
    return new Map(rows.map((row) => [row.list, Number(row.count) > mostCounted ? null : Number(row.count)]))
  }
  return () => {
    counted ??= count()
    return counted
  }
}

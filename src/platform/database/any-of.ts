import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'

/** Types of columns that ids are made of. */
export type KeyType = 'bigint' | 'uuid' | 'date' | 'text'

/**
 * `= any($1::bigint[])`: the right side of a condition on a list. It is one parameter, so there is one text to prepare
 * and no limit, and an empty list finds nothing.
 */
export function anyOf<Value extends string>(values: readonly Value[], type: KeyType = 'bigint'): RawBuilder<Value> {
  return sql<Value>`any(${values}::${sql.raw(type)}[])`
}

/** `(user_id, id) in (select * from unnest($1::bigint[], $2::bigint[]))`, which is one index scan. */
export function pairsIn(
  [first, second]: readonly [string, string],
  pairs: readonly (readonly [string, string])[],
): RawBuilder<boolean> {
  const columns = [[first, 'bigint'] as const, [second, 'bigint'] as const]
  return tuplesIn(columns, pairs)
}

/** The same for keys of any length: a column and its type for each place of a tuple. */
export function tuplesIn(
  columns: readonly (readonly [column: string, type: KeyType])[],
  tuples: readonly (readonly string[])[],
): RawBuilder<boolean> {
  const names = sql.join(columns.map(([column]) => sql.ref(column)))
  const lists = sql.join(
    columns.map(([, type], place) => sql`${tuples.map((tuple) => tuple[place])}::${sql.raw(type)}[]`),
  )
  return sql<boolean>`(${names}) in (select * from unnest(${lists}))`
}

/** `pairsIn` for statements that are written once: each list of ids is a parameter as it is. */
export function idsIn(
  [first, second]: readonly [string, string],
  [firstIds, secondIds]: readonly [readonly string[], readonly string[]],
): RawBuilder<boolean> {
  return sql<boolean>`(${sql.ref(first)}, ${sql.ref(second)}) in (select * from unnest(${firstIds}::bigint[], ${secondIds}::bigint[]))`
}

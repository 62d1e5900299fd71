/** One page of a keyset query: as many cursors as rows. Connection types of the schema are made from it. */
export interface Page<Row> {
  rows: Row[]
  readonly cursors: readonly string[]
  hasNextPage: boolean
  hasPreviousPage: boolean
  /** How many there are in all; null beyond 10,000. Runs a statement, so only when `totalCount` is asked for. */
  countAll: () => Promise<number | null>
}

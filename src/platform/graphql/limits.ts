/** What one request may ask for, and what one viewer or address may in a minute or an hour. */
export interface Limits {
  /** Size of a request's body. */
  readonly bodyBytes: number
  readonly tokens: number
  /** Nesting of fields. */
  readonly depth: number
  readonly aliases: number
  readonly rootFields: number
  readonly directives: number
  /** Points of one document: see `cost.ts`. */
  readonly cost: number
  readonly viewerCostPerMinute: number
  /** For an address that has not logged in. */
  readonly anonymousCostPerMinute: number
  /** Rows of one export. */
  readonly exportRows: number
  /** Of one viewer. The last export of an hour may go beyond its rows. */
  readonly exportsPerHour: number
  readonly exportedRowsPerHour: number
}

export const defaultLimits: Limits = {
  bodyBytes: 256 * 1024,
  tokens: 2_000,
  depth: 20,
  aliases: 15,
  rootFields: 10,
  directives: 20,
  cost: 5_000,
  viewerCostPerMinute: 10_000,
  anonymousCostPerMinute: 600,
  exportRows: 100_000,
  exportsPerHour: 10,
  exportedRowsPerHour: 300_000,
}

/** Points that introspection costs, whatever it selects. */
export const introspectionCost = 100
/** Points of a mutation's root field, before what it answers with. */
export const mutationCost = 10

/** Points of a request whose document is refused before its cost is known: validating is work too. */
export const refusedCost = 10

/**
 * No single text in a request is longer, in UTF-16 code units: the longest that any domain takes is a reflection, of 20,000 characters,
 * some of which are several units, the more so before NFC.
 */
export const longestText = 60_000

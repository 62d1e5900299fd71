/** The most parameters that one statement can have: their count travels in 16 bits. */
const maxParameters = 65_535

/**
 * Parameters as pg can certainly write them. A value that fails while it is being written (a circular object) would
 * leave the connection without the statement that it believes to be prepared, for every viewer; here it fails its own
 * statement, before anything is sent.
 */
export function wireValues(parameters: readonly unknown[]): unknown[] {
  if (parameters.length > maxParameters) throw new TypeError('Too many parameters: pass a list as one array.')
  return parameters.map(wireValue)
}

function wireValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value)) return value
  return Array.isArray(value) ? value.map(wireValue) : JSON.stringify(value)
}

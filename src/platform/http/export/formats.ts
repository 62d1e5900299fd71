import type { GraphQLFormattedError } from 'graphql'
import { badUserInput } from '../../graphql/errors.ts'
import type { Column } from '../../graphql/export/columns.ts'
import type { Rows } from '../../graphql/export/pages.ts'

/** How rows are written. */
export interface ExportFormat {
  readonly mediaType: string
  /** Of a file, without a dot. */
  readonly ending: string
  /** Begins the answer. Throws BAD_USER_INPUT when the format can't write these columns. */
  head(columns: readonly Column[]): string
  /** `before`: how many rows were written already. */
  page(rows: Rows, columns: readonly Column[], before: number): string
  /** Ends an answer that is whole. */
  readonly tail: string
  /** Ends an answer that is not whole; where it is null nothing that could be written would be noticed: the connection is cut. */
  readonly failure: ((error: GraphQLFormattedError) => string) | null
}

/** RFC 4180, in UTF-8, with a header. */
const csv: ExportFormat = {
  mediaType: 'text/csv; charset=utf-8; header=present',
  ending: 'csv',
  head: (columns) => lineOf(columns.map(({ name }) => name)),
  page: (rows, columns) => rows.map((row) => lineOf(row.map((value, index) => cell(value, columns[index])))).join(''),
  tail: '',
  failure: null,
}

function lineOf(cells: readonly string[]): string {
  // An empty line is none to many readers.
  return `${cells.length === 1 ? cells[0] || '""' : cells.join(',')}\r\n`
}

/** Spreadsheets take a text that begins so for a formula; with an apostrophe in front it is a text to them. */
const formula = /^[=+\-@\t\r\n']/

/** Nothing for null, `""` for a text that is empty. */
function cell(value: unknown, column: Column | undefined): string {
  if (value === null) return ''
  if (column?.kind === 'plain') return String(value)
  if (column?.kind === 'json' || column?.kind === 'shape' || typeof value === 'object')
    return quoted(JSON.stringify(value))
  const text = String(value)
  return quoted(formula.test(text) ? `'${text}` : text)
}

function quoted(text: string): string {
  return text === '' || /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}

/** One JSON object a line, with the same names as columns of a CSV; one that ends with `errors` is not whole. */
const jsonLines: ExportFormat = {
  mediaType: 'application/x-ndjson; charset=utf-8',
  ending: 'jsonl',
  head: () => '',
  page: (rows, columns) =>
    rows
      .map((row) => `${JSON.stringify(Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])))}\n`)
      .join(''),
  tail: '',
  failure: (error) => `${JSON.stringify({ errors: [error] })}\n`,
}

/**
 * RFC 7946: a feature for each row, one a line. Its geometry is the first that the row has among those that are selected; its `id` the
 * column of that name; all else its properties, under the names of columns.
 */
const geoJson: ExportFormat = {
  mediaType: 'application/geo+json; charset=utf-8',
  ending: 'geojson',
  head(columns) {
    if (columns.some(({ kind }) => kind === 'shape')) return '{"type":"FeatureCollection","features":['
    throw badUserInput('Nothing in the rows lies anywhere: select `geometry` or `footprint` of scans.', {
      reason: 'INVALID_DOCUMENT',
    })
  },
  page: (rows, columns, before) =>
    rows.map((row, index) => `${before + index > 0 ? ',' : ''}\n${JSON.stringify(feature(row, columns))}`).join(''),
  tail: '\n]}\n',
  failure: null,
}

function feature(row: readonly unknown[], columns: readonly Column[]) {
  const cells = columns.map(({ name, kind }, at) => ({ name, kind, value: row[at] ?? null }))
  const id = cells.find(({ name }) => name === 'id')?.value ?? null
  const told = cells.filter(({ name, kind }) => kind !== 'shape' && name !== 'id')
  return {
    type: 'Feature',
    ...(id !== null && { id }),
    geometry: cells.find(({ kind, value }) => kind === 'shape' && value !== null)?.value ?? null,
    properties: Object.fromEntries(told.map(({ name, value }) => [name, value])),
  }
}

const byName = new Map([
  ['csv', csv],
  ['jsonl', jsonLines],
  ['ndjson', jsonLines],
  ['geojson', geoJson],
])
const byMediaType = [
  ['text/csv', csv],
  ['application/x-ndjson', jsonLines],
  ['application/jsonl', jsonLines],
  ['application/geo+json', geoJson],
] as const

/** The format that `format` names, else the first in `Accept`. BAD_USER_INPUT when there is none. */
export function formatFor(name: unknown, accept: string | undefined): ExportFormat {
  const named = typeof name === 'string' ? byName.get(name.toLowerCase()) : undefined
  if (named) return named
  if (name === undefined || name === null) {
    const types = (accept ?? '')
      .toLowerCase()
      .split(',')
      .map((type) => type.split(';')[0]?.trim())
    for (const type of types) {
      const [, format] = byMediaType.find(([known]) => known === type) ?? []
      if (format) return format
    }
  }
  throw badUserInput(
    'Say what it is to be: `format=csv`, `format=jsonl` or `format=geojson`; or `Accept: text/csv`, `application/x-ndjson` or `application/geo+json`.',
    { reason: 'INVALID_REQUEST', field: 'format' },
  )
}

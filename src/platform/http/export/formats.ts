import type { GraphQLFormattedError } from 'graphql'
import { badUserInput } from '../../graphql/errors.ts'
import type { Column } from '../../graphql/export/columns.ts'
import type { Rows } from '../../graphql/export/pages.ts'

/** How rows are written. */
export interface ExportFormat {
  readonly mediaType: string
  /** Of a file, without a dot. */
  readonly ending: string
  /** Begins the answer. */
  head(columns: readonly Column[]): string
  page(rows: Rows, columns: readonly Column[]): string
  /** Ends an answer that is not whole; where it is null nothing that could be written would be noticed: the connection is cut. */
  readonly failure: ((error: GraphQLFormattedError) => string) | null
}

/** RFC 4180, in UTF-8, with a header. */
const csv: ExportFormat = {
  mediaType: 'text/csv; charset=utf-8; header=present',
  ending: 'csv',
  head: (columns) => lineOf(columns.map(({ name }) => name)),
  page: (rows, columns) => rows.map((row) => lineOf(row.map((value, index) => cell(value, columns[index])))).join(''),
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
  if (column?.kind === 'json' || typeof value === 'object') return quoted(JSON.stringify(value))
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
  failure: (error) => `${JSON.stringify({ errors: [error] })}\n`,
}

const byName = new Map([
  ['csv', csv],
  ['jsonl', jsonLines],
  ['ndjson', jsonLines],
])
const byMediaType = [
  ['text/csv', csv],
  ['application/x-ndjson', jsonLines],
  ['application/jsonl', jsonLines],
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
    'Say what it is to be: `format=csv` or `format=jsonl`, or `Accept: text/csv` or `Accept: application/x-ndjson`.',
    { reason: 'INVALID_REQUEST', field: 'format' },
  )
}

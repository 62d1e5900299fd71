import { checkedObject, checkedValue } from '../../../platform/graphql/json-object.ts'
import { textProblem } from '../../../platform/graphql/text.ts'
import type { ArchiveFile, Field, Kind, Numbered } from '../queries/archive/fields.ts'
import type { ArchiveRow } from '../queries/archive/select.ts'

export interface CheckedBy {
  /** How many rows each table has in the archive. */
  readonly counts: Readonly<Record<Numbered, number>>
  /** What has happened is not later than this. */
  readonly latest: Date
}

/** The row on a line of a file, each field of the kind that the format says; or what is wrong with it, as a sentence without its beginning. */
export function checkedRow(
  file: ArchiveFile,
  { number, text }: { number: number; text: string },
  by: CheckedBy,
): ArchiveRow | string {
  const row = parsedObject(text)
  if (row === null) return 'is no JSON object'
  const unknown = Object.keys(row).find((name) => !file.fields.some((field) => field.name === name))
  if (unknown !== undefined)
    return `has a field ${JSON.stringify(unknown.slice(0, 50))}, which the format does not have`
  for (const field of file.fields) {
    if (!file.isImported) continue
    const value = row[field.name]
    if (value === undefined && !field.optional) return `has no ${field.name}`
    if (value === undefined || value === null) {
      if (!field.optional) return `has no ${field.name}`
      row[field.name] = null
      continue
    }
    const problem = field.kind.is === 'number' ? problemOfNumber(value, number) : problemOf(field, value, by)
    if (problem !== null) return `has a ${field.name} that ${problem}`
  }
  return row
}

function parsedObject(text: string): Record<string, unknown> | null {
  try {
    const row: unknown = JSON.parse(text)
    return typeof row === 'object' && row !== null && !Array.isArray(row) ? (row as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function problemOfNumber(value: unknown, line: number): string | null {
  return value === line ? null : `is not ${line}, the number of its line`
}

function problemOf({ kind, name }: Field, value: unknown, by: CheckedBy): string | null {
  switch (kind.is) {
    case 'reference':
      return isWhole(value, 1, by.counts[kind.to]) ? null : 'names no row of the archive'
    case 'instant':
      return problemOfInstant(value, mayBeLater.has(name) ? null : by.latest)
    default:
      return fits(kind, value) ? null : problems[kind.is]
  }
}

/** What need not have happened yet. */
const mayBeLater = new Set(['purgeAfter', 'nextFireAt', 'closesAt'])

const problems = {
  number: 'is no number of a row',
  reference: 'names no row of the archive',
  lineage: 'is no number of a lineage',
  text: 'is no text, is too long, or holds what no text may hold',
  label: 'is none of the words that the format has',
  labels: 'is no list of words that the format has',
  integer: 'is no whole number of those that the format allows',
  weekdays: 'is no list of days of the week',
  decimal: 'is no decimal with the digits that the format allows, as text',
  flag: 'is neither true nor false',
  day: 'is no day from 1900-01-01 on, as YYYY-MM-DD',
  time: 'is no time, as HH:MM:SS',
  instant: 'is no instant',
  json: 'is no JSON object',
  object: 'is no JSON object, is larger or deeper than the API allows, or holds what no text may hold',
  value: 'is larger or deeper than a setting may be, or holds what no text may hold',
  actor: 'names nobody',
} as const

function fits(kind: Kind, value: unknown): boolean {
  switch (kind.is) {
    case 'text':
      return isText(value, kind.max)
    case 'actor':
      return value !== '' && isText(value, 200)
    case 'label':
      return kind.labels.includes(value as string)
    case 'labels':
      return isListOf(value, kind.labels)
    case 'weekdays':
      return isListOf(value, [1, 2, 3, 4, 5, 6, 7])
    case 'integer':
      return isWhole(value, kind.min, kind.max)
    case 'lineage':
    case 'number':
    case 'reference':
      return isWhole(value, 1, 2_000_000_000)
    case 'decimal':
      return typeof value === 'string' && new RegExp(`^\\d{1,9}(\\.\\d{1,${kind.places}})?$`).test(value)
    case 'flag':
      return typeof value === 'boolean'
    case 'day':
      return typeof value === 'string' && isDay(value)
    case 'time':
      return typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(value)
    case 'json':
      return typeof value === 'object'
    case 'object':
      return isStorable(value, checkedObject)
    case 'value':
      return isStorable(value, checkedValue)
    case 'instant':
      return problemOfInstant(value, null) === null
  }
}

function isStorable(value: unknown, checked: (value: unknown) => unknown): boolean {
  try {
    checked(value)
    return true
  } catch {
    return false
  }
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}

function isText(value: unknown, max: number): boolean {
  if (typeof value !== 'string' || textProblem(value) !== null) return false
  return value.length <= max || [...value].length <= max
}

function isListOf(value: unknown, allowed: readonly unknown[]): boolean {
  return (
    Array.isArray(value) && new Set(value).size === value.length && value.every((element) => allowed.includes(element))
  )
}

function isDay(text: string): boolean {
  if (!/^(19|20|21)\d\d-\d\d-\d\d$/.test(text)) return false
  const read = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(text)
}

function problemOfInstant(value: unknown, latest: Date | null): string | null {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d{6}Z$/.exec(`${value}`) ?? []
  const read = day && time ? new Date(`${day}T${time}Z`) : null
  if (typeof value !== 'string' || !day || read === null || Number.isNaN(read.getTime()) || !isDay(day)) {
    return 'is no instant, as YYYY-MM-DDTHH:MM:SS.ffffffZ'
  }
  return latest !== null && read > latest ? 'is still to come' : null
}

import { isCoordinate, PointCloudError } from '../model.ts'

/** How the lines of a file are read, which its first line of its own tells. */
export interface Table {
  /** The separator of fields; a blank stands for any number of blanks and tabs. */
  readonly separator: ' ' | ',' | ';' | '\t'
  /** Where x, y and z are. */
  readonly columns: readonly [x: number, y: number, z: number]
}

/** Whether the line says nothing: blank, or a comment begun by `#` or `//`. */
export function isComment(line: string): boolean {
  const text = line.trimStart()
  return text === '' || text.startsWith('#') || text.startsWith('//')
}

/** By the first line that is no comment. `header` says whether it names columns. */
export function tableOf(line: string, number: number): { table: Table; header: boolean } {
  const separator = separatorOf(line)
  const fields = fieldsOf(line, separator, mostColumns)
  if (fields.some((field) => numberForm.test(field))) return { table: { separator, columns: [0, 1, 2] }, header: false }
  const names = fields.map((field) => field.toLowerCase().replace(/^["']|["']$/g, ''))
  const columns = [xNames, yNames, zNames].map((known) => names.findIndex((name) => known.has(name)))
  const [x = -1, y = -1, z = -1] = columns
  if (x < 0 || y < 0 || z < 0)
    throw new PointCloudError(
      { line: number },
      'This is neither a point nor names of columns. Call them x, y and z, or leave the line out.',
    )
  return { table: { separator, columns: [x, y, z] }, header: true }
}

const mostColumns = 1000
const xNames = new Set(['x', 'easting', 'east', 'e', 'lon', 'long', 'longitude'])
const yNames = new Set(['y', 'northing', 'north', 'n', 'lat', 'latitude'])
const zNames = new Set(['z', 'height', 'elevation', 'altitude', 'h', 'elev', 'alt'])
const numberForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/

function separatorOf(line: string): Table['separator'] {
  for (const separator of [';', '\t', ','] as const) if (line.includes(separator)) return separator
  return ' '
}

function fieldsOf(line: string, separator: Table['separator'], most: number): string[] {
  const fields = separator === ' ' ? line.trim().split(blanks, most) : line.split(separator, most)
  return fields.map((field) => field.trim())
}

const blanks = /[ \t]+/

/** A reader of lines with points. It throws `PointCloudError` for anything else. */
export function pointReader({ separator, columns }: Table) {
  const wanted = Math.max(...columns) + 1
  const [xAt, yAt, zAt] = columns
  return (line: string, number: number): readonly [x: number, y: number, z: number] => {
    const fields = fieldsOf(line, separator, wanted)
    if (fields.length < wanted)
      throw new PointCloudError(
        { line: number },
        `It has ${fields.length} columns; x, y and z are in the first ${wanted}.`,
      )
    return [
      coordinate(fields[xAt] ?? '', 'x', number),
      coordinate(fields[yAt] ?? '', 'y', number),
      coordinate(fields[zAt] ?? '', 'z', number),
    ]
  }
}

function coordinate(field: string, axis: string, line: number): number {
  const value = numberForm.test(field) ? Number(field) : Number.NaN
  if (isCoordinate(value)) return value
  const shown = field.replace(/[^\x20-\x7e]/g, '?').slice(0, 40)
  const point = /^[+-]?\d+,\d+$/.test(field) ? ' Decimals have a point.' : ''
  throw new PointCloudError({ line }, `${axis} is \`${shown}\`, which is no coordinate.${point}`)
}

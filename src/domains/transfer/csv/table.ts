import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream'
import { type CsvError, type Info, parse } from 'csv-parse'
import { UnreadableExport } from '../import-plan.ts'

export interface TableRow {
  readonly cells: readonly string[]
  /** Where it begins in the file, counted from 1; a quoted cell may hold line breaks. */
  readonly line: number
}

export interface Table {
  /** The file's name without its folder, for problems. */
  readonly file: string
  readonly header: readonly string[]
  readonly delimiter: Delimiter
  /** The rows below the header, read as they are asked for, once. */
  readonly rows: AsyncIterable<TableRow>
}

export type Delimiter = (typeof delimiters)[number]

const delimiters = [',', ';', '\t'] as const
// A diary of fifty years is well below these.
const mostBytes = 64 * 1024 * 1024
const mostRows = 1_000_000
/** A note has at most 4,000 characters of at most 4 bytes. */
const mostRowBytes = 64 * 1024

/**
 * Opens a file of comma-, semicolon- or tab-separated values in UTF-8, with or without a byte order mark: which separator, the
 * header says. No more than a row and a block of 64 KiB are held at a time. Throws `UnreadableExport`, also while `rows` are read.
 */
export async function openTable(source: string): Promise<Table> {
  const file = path.basename(source)
  await refuseOtherFiles(source)
  const texts = decode(source, file)
  const first = await texts.next()
  const start = first.done ? '' : first.value
  const delimiter = delimiterOf(start)
  const rows = parseRows(withStart(start, texts), delimiter, file)
  const header = await rows.next()
  if (header.done) throw new UnreadableExport(`${file} is empty.`)
  return { file, header: header.value.cells.map((cell) => cell.trim()), delimiter, rows }
}

async function refuseOtherFiles(source: string): Promise<void> {
  const found = await stat(source).catch(() => null)
  if (found === null) throw new UnreadableExport(`There is no file ${source}.`)
  if (!found.isFile()) throw new UnreadableExport(`${source} is not a file.`)
  if (found.size > mostBytes) {
    throw new UnreadableExport(`${source} has ${found.size} bytes; at most ${mostBytes} are read. Split it by years.`)
  }
}

/** The text, block by block. A file that is no UTF-8, or holds NUL, is refused with the line. */
async function* decode(source: string, file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  let lineLength = 0
  // It may have grown since its size was asked for.
  for await (const block of createReadStream(source, { end: mostBytes - 1 }) as AsyncIterable<Buffer>) {
    let text: string
    try {
      text = decoder.decode(block, { stream: true })
    } catch {
      throw notUtf8(file, line + linesBeforeBroken(block))
    }
    const nul = text.indexOf('\u0000')
    if (nul >= 0) {
      throw new UnreadableExport(
        `${file}:${line + lineBreaks(text.slice(0, nul))} holds the character NUL: this is not a text file.`,
      )
    }
    // A block holds no longer line than is allowed, so only the one that it ends and the one that it begins matter.
    const toFirstBreak = text.search(/[\r\n]/)
    lineLength += toFirstBreak < 0 ? text.length : toFirstBreak
    if (lineLength > mostRowBytes) throw tooLong(file, line)
    if (toFirstBreak >= 0) lineLength = text.length - 1 - Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'))
    line += lineBreaks(text)
    yield text
  }
  try {
    decoder.decode()
  } catch {
    throw notUtf8(file, line)
  }
}

function notUtf8(file: string, line: number): UnreadableExport {
  return new UnreadableExport(`${file}:${line} is not UTF-8: save the table once more as "CSV UTF-8".`)
}

function tooLong(file: string, line: number): UnreadableExport {
  return new UnreadableExport(
    `The row of ${file}:${line} is longer than ${mostRowBytes} bytes: is a closing quotation mark missing?`,
  )
}

/** How many lines of the block are whole before the one that is not UTF-8. */
function linesBeforeBroken(block: Buffer): number {
  // The block may begin within a character, of at most 4 bytes.
  let start = 0
  while (start < 3 && ((block[start] ?? 0) & 0xc0) === 0x80) start += 1
  for (let lines = 0; ; lines += 1) {
    const end = block.indexOf('\n', start)
    if (end < 0 || !isUtf8(block.subarray(start, end))) return lines
    start = end + 1
  }
}

function lineBreaks(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

/** The separator that stands most often in the first line, outside of quotes. */
function delimiterOf(start: string): Delimiter {
  const header = start.split(/[\r\n]/, 1)[0]?.replace(/"[^"]*"/g, '') ?? ''
  const count = (delimiter: string) => header.split(delimiter).length
  return delimiters.reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best))
}

async function* withStart(start: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield start
  yield* rest
}

async function* parseRows(texts: AsyncIterable<string>, delimiter: Delimiter, file: string): AsyncGenerator<TableRow> {
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: mostRowBytes,
  })
  // What goes wrong on either side destroys both, and is thrown by the loop.
  pipeline(texts, parser, () => {})
  let count = 0
  let lastLine = 0
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      count += 1
      if (count > 1 + mostRows) throw new UnreadableExport(`${file} has more than ${mostRows} rows. Split it by years.`)
      lastLine = info.lines
      yield { cells: record, line: info.lines - record.reduce((breaks, cell) => breaks + lineBreaks(cell), 0) }
    }
  } catch (error) {
    throw describe(error, file, lastLine + 1)
  }
}

function describe(error: unknown, file: string, line: number): unknown {
  const { code } = error as CsvError
  if (code === 'CSV_MAX_RECORD_SIZE') return tooLong(file, line)
  if (code === 'CSV_QUOTE_NOT_CLOSED') {
    return new UnreadableExport(`The row of ${file}:${line} does not end: is a closing quotation mark missing?`)
  }
  if (code?.startsWith('CSV_')) return new UnreadableExport(`${file}:${line} is not CSV: ${(error as Error).message}`)
  return error
}

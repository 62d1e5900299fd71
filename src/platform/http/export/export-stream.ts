import { Readable } from 'node:stream'
import { GraphQLError } from 'graphql'
import { answerFor } from '../../graphql/answer-errors.ts'
import type { Caller } from '../../graphql/caller.ts'
import { type Asker, assertAtMost, pagesOf, type Rows } from '../../graphql/export/pages.ts'
import type { ExportPlan } from '../../graphql/export/plan.ts'
import type { Log } from '../../log.ts'
import type { ExportFormat } from './formats.ts'

export interface ExportStreamOptions {
  readonly plan: ExportPlan
  readonly format: ExportFormat
  readonly asker: Asker
  readonly mostRows: number
  readonly requestId: string
  readonly notes: Caller['notes']
  readonly log: Pick<Log, 'error'>
  /** Told of rows that were written. */
  onRows(count: number): Promise<void>
  /** Gives back what is read from, before the last byte is sent: whoever has it may ask again. May be called more than once. */
  end(): Promise<void>
}

/**
 * The rows as they are written, read as fast as they are taken; `end` is called whatever becomes of it. Rejects with what is wrong from the beginning: that is
 * found out by reading the first page, and where a failure can't be written, by counting all.
 */
export async function exportStream(options: ExportStreamOptions): Promise<Readable> {
  const { plan, format, asker, mostRows, end } = options
  try {
    const head = format.head(plan.columns)
    if (format.failure === null) await assertAtMost(plan, asker, mostRows)
    const pages = pagesOf(plan, asker, mostRows)
    const first = await pages.next()
    const stream = Readable.from(written(head, first.done ? [] : first.value, pages, options), { objectMode: false })
    return stream.once('close', () => void end())
  } catch (error) {
    await end()
    throw error
  }
}

async function* written(head: string, first: Rows, further: AsyncIterable<Rows>, options: ExportStreamOptions) {
  const { plan, format, notes, onRows, end } = options
  const page = async (rows: Rows) => {
    const before = notes.rows ?? 0
    notes.rows = before + rows.length
    await onRows(rows.length)
    return format.page(rows, plan.columns, before)
  }
  try {
    yield head + (await page(first))
    for await (const rows of further) yield await page(rows)
    await end()
    if (format.tail !== '') yield format.tail
  } catch (error) {
    yield failure(error, options)
  }
}

/** Throws it where it can't be written: the stream breaks, and with it the connection. */
function failure(error: unknown, { format, asker, requestId, notes, log }: ExportStreamOptions): string {
  const known = error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error as Error })
  const answer = answerFor(known, requestId)
  notes.codes = [String(answer.error.extensions?.code)]
  if (answer.masked !== null && !asker.signal.aborted) log.error({ err: answer.masked, requestId }, 'an export failed')
  if (format.failure === null) throw new GraphQLError(answer.error.message, { extensions: answer.error.extensions })
  return format.failure(answer.error)
}

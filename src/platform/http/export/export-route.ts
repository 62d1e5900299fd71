import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import type { Caller } from '../../graphql/caller.ts'
import { requestRateLimited, unauthenticated } from '../../graphql/errors.ts'
import { type ExportPlan, planExport } from '../../graphql/export/plan.ts'
import type { Limits } from '../../graphql/limits.ts'
import type { ExecutableSchema } from '../../graphql/schema.ts'
import type { Viewer } from '../../viewer.ts'
import { type AdmissionOptions, admissionOf, admit } from '../admission.ts'
import { errorHandler, sendError } from '../error-answers.ts'
import { readExportRequest } from './export-request.ts'
import { exportStream } from './export-stream.ts'
import { type ExportFormat, formatFor } from './formats.ts'
import { makeTurns, type Turn } from './turns.ts'

export const exportPath = '/export'

/** What all pages of one export are read from: the database at one instant. */
export interface ExportSource {
  /** For one page. */
  makeContext(): unknown
  close(): Promise<void>
}

export interface ExportRouteOptions extends Omit<AdmissionOptions, 'operationTimeoutMs'> {
  readonly executable: ExecutableSchema
  readonly limits: Limits
  readonly exportTimeoutMs?: number | undefined
  /** Reads as the caller may from now on. Rejects with UNAUTHENTICATED unless their session goes on. */
  open(caller: Caller): Promise<ExportSource>
}

const defaultTimeoutMs = 300_000

const statuses: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  INTERNAL: 500,
}

/** `/export`: all rows of the one list that a query asks for, as CSV or JSON Lines, from one snapshot. */
export function addExportRoute(app: FastifyInstance, options: ExportRouteOptions): void {
  const turns = makeTurns()
  const admission = { ...options, operationTimeoutMs: options.exportTimeoutMs ?? defaultTimeoutMs }
  app.addHook('preClose', async () => turns.stop())
  app.route({
    method: ['GET', 'POST'],
    url: exportPath,
    exposeHeadRoute: false,
    onRequest: (request, reply) => admit(request, reply, admission),
    handler: (request, reply) => answer(request, reply, options, turns.take),
    errorHandler(error, request, reply) {
      const code = error instanceof GraphQLError ? String(error.extensions.code) : ''
      const status = statuses[code]
      if (error instanceof GraphQLError && status !== undefined) return sendError(request, reply, error, status)
      return errorHandler(options.limits)(error, request, reply)
    },
  })
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  options: ExportRouteOptions,
  takeTurn: (userId: string) => Turn,
) {
  const { caller } = admissionOf(request)
  const { viewer } = caller
  if (!viewer) throw caller.refusal ?? unauthenticated()
  const asked = readExportRequest(request.method === 'GET' ? request.query : request.body)
  const format = formatFor(asked.format, request.headers.accept)
  const plan = planExport(options.executable, asked, caller, options.limits)
  const turn = takeTurn(viewer.userId)
  try {
    const wait = await options.budgets.takeExport(viewer)
    if (wait !== null) throw tooMany(options.limits, wait)
    return await send(request, reply, { ...options, viewer, plan, format, turn })
  } catch (error) {
    turn.end()
    throw error
  }
}

function tooMany({ exportsPerHour, exportedRowsPerHour }: Limits, wait: number) {
  return requestRateLimited(
    `More than ${exportsPerHour} exports, or ${exportedRowsPerHour} exported rows, in an hour. Try again in ${wait} s.`,
    wait,
  )
}

interface Sending extends ExportRouteOptions {
  readonly viewer: Viewer
  readonly plan: ExportPlan
  readonly format: ExportFormat
  readonly turn: Turn
}

/** Opens the snapshot, and closes it when the last row was taken, or when nobody takes them any more. */
async function send(request: FastifyRequest, reply: FastifyReply, options: Sending) {
  const { caller, deadline } = admissionOf(request)
  const { viewer, plan, format, turn, budgets, executable, limits } = options
  const signal = AbortSignal.any([caller.signal, turn.signal])
  const source = await options.open({ ...caller, signal })
  let ended: Promise<void> | undefined
  const stream = await exportStream({
    plan,
    format,
    asker: { schema: executable.schema, signal, makeContext: source.makeContext },
    mostRows: limits.exportRows,
    requestId: request.id,
    notes: caller.notes,
    log: request.log,
    onRows: (count) => budgets.takeExportedRows(viewer, count),
    end() {
      ended ??= source.close().finally(turn.end)
      return ended
    },
  })
  // A client that does not read what was written is left after the deadline.
  deadline.passed.catch((error) => stream.destroy(error))
  const name = plan.name.slice(0, 100)
  return reply
    .header('content-disposition', `attachment; filename="${name}.${format.ending}"`)
    .type(format.mediaType)
    .send(stream)
}

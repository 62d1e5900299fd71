import type { Ask, Row } from '../workloads/workload.ts'

/** How one server is asked for a workload, and what rows its answer comes to. */
export interface Question {
  readonly query: string
  variables(ask: Ask): Record<string, unknown>
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
  rows(data: any, ask: Ask): Row[]
}

export type Questions = Readonly<Record<string, Question>>

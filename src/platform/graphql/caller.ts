import type { GraphQLError } from 'graphql'
import type { Viewer } from '../viewer.ts'

/** Who sent a request and what it may spend, known before its document is read. */
export interface Caller {
  readonly requestId: string
  readonly ip: string
  readonly userAgent: string | null
  readonly viewer: Viewer | null
  /** Why the token that came along does not hold. Public fields answer all the same; others are refused with it. */
  readonly refusal: GraphQLError | null
  /** Aborted when the operation took too long, or the client left. */
  readonly signal: AbortSignal
  readonly cookies: Cookies
  /** Takes points from the budget of viewer or address. Rejects with RATE_LIMITED (HTTP 429) when there are not enough. */
  spend(points: number): Promise<void>
  /** What the log line of the request says about the operation. */
  readonly notes: OperationNotes
}

/** Cookies of a browser: HTTP-only, Secure, SameSite=Strict, for this host alone (`__Host-`). */
export interface Cookies {
  get(name: string): string | null
  set(name: string, value: string, lifetimeSeconds: number): void
  clear(name: string): void
}

export interface OperationNotes {
  operation?: string
  /** What it asks of the root: `query me`, or `query several`. Of these there are only so many. */
  field?: string
  cost?: number
  /** That were exported. */
  rows?: number
  /** `extensions.code` of the errors answered. */
  codes?: readonly string[]
}

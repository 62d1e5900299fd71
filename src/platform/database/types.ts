import type { Kysely } from 'kysely'
import type { DB as MainTables } from '../../generated/database.ts'
import type { DB as SurveyTables } from '../../generated/surveys.ts'

/** All tables; those of surveys are there where PostGIS is. */
export interface Tables extends MainTables, SurveyTables {}

/** A handle on the database, typed by its tables: query functions take it first, so that a transaction fits in. */
export type Database = Kysely<Tables>

/** `users.user_id`: digits, as every bigint is text here. */
export type UserId = string

/** As much of a viewer as the database needs to know: whom the policies see, and what SES-2 checks. */
export interface ViewerIdentity {
  readonly userId: UserId
  readonly sessionId: string
  /** The role of the access token: a label of the enum `user_role`. */
  readonly role: string
  /**
   * The owner who looks at what they share as this viewer would see it. Such a viewer owns nothing and writes nothing: rows of this owner
   * that are shared with them are all they see.
   */
  readonly previewedBy?: UserId
}

/** One group of statements that went down a connection together. */
export interface FlightInfo {
  /** Statements of the request; the group's own begin, settings and commit are not counted. */
  readonly statements: number
  readonly sql: readonly string[]
  /** It repeats statements that an earlier group carried in vain. */
  readonly again: boolean
}

export type FlightObserver = (info: FlightInfo) => void

/** What belongs to one request, all of it optional: what is missing is not audited, not counted, not abandoned. */
export interface RequestInfo {
  readonly requestId?: string | undefined
  readonly ip?: string | undefined
  /** Once aborted, reads that still wait to be sent are dropped, and no transaction begins. */
  readonly signal?: AbortSignal | undefined
  readonly onFlight?: FlightObserver | undefined
}

/** The part of a pino logger that is used here. */
export interface DatabaseLog {
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

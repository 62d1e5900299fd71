import type pg from 'pg'
import { unavailable } from '../graphql/errors.ts'
import type { Lane } from './pipelined-connection.ts'
import { makeLane } from './pipelined-connection.ts'
import type { Read, ReadGroup } from './read-group.ts'
import { flyGroup } from './read-group.ts'
import type { StatementNames } from './statement-names.ts'
import { makeStatementNames } from './statement-names.ts'
import type { DatabaseLog } from './types.ts'

export interface PipelinedReads {
  /** Settles every read of the group: each with its own rows or its own error. Never throws. */
  fly(group: ReadGroup): Promise<void>
  /** Statements that were sent and not answered. */
  inFlight(): number
  /** Waits for what is in flight and closes the connections; reads that come later are refused. */
  stop(): Promise<void>
}

export interface PipelinedReadsOptions {
  readonly config: pg.ClientConfig
  readonly log: DatabaseLog
  /** Two beat four on two cores: more statements a wake-up. */
  readonly connections?: number
  /** Statements sent and not answered, over all connections; what comes on top is refused with UNAVAILABLE. */
  readonly limit?: number
  readonly statementNames?: number
}

/** How often a group is flown for failures that are not its own, before it is told that the database is unavailable. */
const maxAttempts = 4

/**
 * A few pipelined connections that everybody's reads share. A group is written at once and is one transaction: settings that say for whom it
 * reads, and its statements (see Flight). No connection is held between two ticks.
 *
 * Statements that declare different owners share the group, hence its snapshot: the settings stand again in front of each run of statements
 * with the same owners. If they fail, what is behind them is never run, so that no statement ever runs with the owners of another.
 *
 * The first statement that fails in a group fails alone. What stands behind it is flown again, as is what failed for reasons that lie
 * outside the group.
 */
export function makePipelinedReads(options: PipelinedReadsOptions): PipelinedReads {
  const { config, log, connections = 2, limit = 5_000, statementNames = 500 } = options
  const lanes = Array.from({ length: connections }, () => makeLane(config, log))
  const names = makeStatementNames(statementNames)
  const flying = new Set<Promise<void>>()
  let stopped = false

  const inFlight = () => lanes.reduce((sum, lane) => sum + lane.waiting, 0)

  async function fly(group: ReadGroup) {
    if (stopped || inFlight() > limit) return failAll(group.reads, unavailable())
    let { reads } = group
    let attempt = 1
    for (let again = false; reads.length > 0; again = true) {
      if (group.request.signal?.aborted) return failAll(reads, group.request.signal.reason)
      const connection = await openFirst(lanes)
      group.request.onFlight?.({ statements: reads.length, sql: reads.map((read) => read.sql), again })
      // Flown again, statements go unnamed: whatever befell a prepared one can't befall them.
      const left = await flyGroup(connection, { ...group, reads }, again ? unnamed : names)
      if (left.blameless) attempt += 1
      if (attempt > maxAttempts) {
        log.error({ err: left.blameless }, 'reads were given up')
        return failAll(left.again, unavailable())
      }
      reads = left.again
    }
  }

  return {
    fly(group) {
      const flight = fly(group)
        .catch((error: unknown) => failAll(group.reads, error))
        .finally(() => flying.delete(flight))
      flying.add(flight)
      return flight
    },
    inFlight,
    async stop() {
      stopped = true
      await Promise.all(flying)
      await Promise.all(lanes.map((lane) => lane.close()))
    },
  }
}

const unnamed: StatementNames = () => undefined

function failAll(reads: readonly Read[], error: unknown) {
  for (const read of reads) read.reject(error)
}

/** The least busy lane that has a connection or gets one; rejects with UNAVAILABLE when none does. */
async function openFirst(lanes: readonly Lane[]) {
  const byLoad = lanes.toSorted((a, b) => a.waiting - b.waiting)
  let refusal: unknown
  for (const lane of byLoad) {
    try {
      return await lane.open()
    } catch (error) {
      refusal = error
    }
  }
  throw refusal
}

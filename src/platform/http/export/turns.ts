import { rateLimited, unavailable } from '../../graphql/errors.ts'

/** One export of many that run. */
export interface Turn {
  /** Aborted when the server shuts down. */
  readonly signal: AbortSignal
  end(): void
}

/** Exports hold a connection each, of which there are two. */
const mostAtOnce = 2
const retrySeconds = 15

/** Lets one export of each viewer run at a time, and two in all. */
export function makeTurns() {
  const running = new Map<string, AbortController>()
  return {
    /** Throws RATE_LIMITED while another one of this viewer runs, UNAVAILABLE while those of others do. */
    take(userId: string): Turn {
      if (running.has(userId))
        throw rateLimited('Another export of yours is running. Begin this one when it has ended.', retrySeconds)
      if (running.size >= mostAtOnce)
        throw unavailable('Others are exporting. Try again shortly.', { retryAfter: retrySeconds })
      const controller = new AbortController()
      running.set(userId, controller)
      return { signal: controller.signal, end: () => void running.delete(userId) }
    },
    stop() {
      for (const controller of running.values())
        controller.abort(unavailable('This server is shutting down. Send it again.'))
    },
  }
}

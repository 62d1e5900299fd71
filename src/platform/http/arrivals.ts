import type { IncomingMessage } from 'node:http'
import { answerClientError } from './client-errors.ts'

/** Requests of which not all is there yet. */
export interface Arrivals {
  begun(request: IncomingMessage): void
  /** All of it is there, or the rest is for somebody who watches over it. */
  ended(request: IncomingMessage): void
  stop(): void
}

/** How often is looked for late ones, as Node does. */
const lookMs = 2_000

/** Ends requests that take longer to arrive, with 408. A timer for each would cost every request more than a place in a list. */
export function watchArrivals(longestMs: number): Arrivals {
  const since = new Map<IncomingMessage, number>()
  const timer = setInterval(
    () => {
      const latest = performance.now() - longestMs
      for (const [request, begun] of since) {
        if (begun > latest) return
        since.delete(request)
        end(request)
      }
    },
    Math.min(lookMs, longestMs),
  ).unref()
  return {
    begun: (request) => since.set(request, performance.now()),
    ended: (request) => since.delete(request),
    stop: () => clearInterval(timer),
  }
}

function end(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  const late = Object.assign(new Error('It took too long.'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
  answerClientError(late, request.socket)
}

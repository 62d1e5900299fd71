import type { FastifyBaseLogger } from 'fastify'

type ChildOf = FastifyBaseLogger['child']
type Level = (typeof levels)[number]

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The log of one request, which names its id: made when something is logged, as most requests log nothing but the line at their end. */
export function lazyRequestLog(log: FastifyBaseLogger, ...child: Parameters<ChildOf>): FastifyBaseLogger {
  return new RequestLog(() => log.child(...child)) as unknown as FastifyBaseLogger
}

class RequestLog {
  #made: FastifyBaseLogger | undefined
  readonly #make: () => FastifyBaseLogger

  constructor(make: () => FastifyBaseLogger) {
    this.#make = make
  }

  own(): FastifyBaseLogger {
    this.#made ??= this.#make()
    return this.#made
  }

  get level(): string {
    return this.own().level
  }

  child(...given: Parameters<ChildOf>): FastifyBaseLogger {
    return this.own().child(...given)
  }
}

for (const level of levels)
  Object.defineProperty(RequestLog.prototype, level, {
    value(this: RequestLog, ...line: Parameters<FastifyBaseLogger[Level]>) {
      this.own()[level](...line)
    },
  })

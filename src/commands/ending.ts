import { say } from './run.ts'

/**
 * `reached` resolves at the first signal to end, and rejects when the command cannot go on; `isAsked` tells whether that
 * signal came. A second signal ends the process at once.
 */
export function endOfProcess() {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // It may be rejected before anybody waits for it.
  promise.catch(() => {})
  let asked = false
  const onSignal = () => {
    if (asked) process.exit(130)
    asked = true
    say('Stopping ...')
    resolve()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  return { reached: promise, isAsked: () => asked, fail: reject }
}

import { setTimeout as wait } from 'node:timers/promises'
import { isRetriable } from './database-errors.ts'

const maxRetries = 3
const firstBackOffMs = 10

/**
 * Runs the work, a whole transaction or a statement that stands alone, and again up to three times when it fell to a deadlock or a
 * serialization failure: of it nothing is left then. Rejects with what the last attempt threw.
 */
export async function retrying<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await work()
    } catch (error) {
      if (retry === maxRetries || !isRetriable(error)) throw error
      await wait(Math.random() * firstBackOffMs * 2 ** retry)
    }
  }
}

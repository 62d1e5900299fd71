import { Worker } from 'node:worker_threads'
import { UnfitPoints } from '../rules/points.ts'
import type { Answers, CloudFile, Measure, Measures } from './calculate.ts'

/** What the thread is given. */
export interface Calculating {
  readonly measure: Measure
  readonly files: readonly CloudFile[]
}

/** What the thread tells: how far it is, then the answer, or a sentence on why there can be none. */
export type Told = { readonly share: number } | { readonly answer: unknown } | { readonly unfit: string }

export interface ApartOptions {
  readonly signal: AbortSignal
  readonly onProgress?: (share: number) => void
  readonly timeoutMs?: number
}

/** The most points that a file may have take a quarter of an hour, and a difference takes two files. */
const defaultTimeoutMs = 3_600_000
/** Of the thread's heap; grids and batches lie outside of it, and are bounded on their own. */
const memoryMb = 384

/**
 * `calculate` in a thread of its own, so that requests are answered meanwhile. Rejects with `UnfitPoints`, whose message is for
 * whoever asked, also when it takes too long; and with the signal's reason, at once.
 */
export async function calculateApart<Kind extends keyof Measures>(
  measure: { readonly kind: Kind } & Measures[Kind],
  files: readonly CloudFile[],
  { signal, onProgress = () => {}, timeoutMs = defaultTimeoutMs }: ApartOptions,
): Promise<Answers[Kind]> {
  signal.throwIfAborted()
  const thread = new Worker(new URL('./calculating-thread.ts', import.meta.url), {
    workerData: { measure, files },
    env: {},
    // The process's own flags are for its own work.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  })
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    return (await answerOf(thread, AbortSignal.any([signal, timeout]), onProgress)) as Answers[Kind]
  } catch (error) {
    if (error !== timeout.reason || !timeout.aborted) throw error
    throw new UnfitPoints(`It takes longer than ${timeoutMs / 1000} s. Split the scan.`)
  } finally {
    await thread.terminate()
  }
}

function answerOf(thread: Worker, signal: AbortSignal, onProgress: (share: number) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    thread.on('message', (told: Told) => {
      if ('share' in told) onProgress(told.share)
      else if ('answer' in told) resolve(told.answer)
      else reject(new UnfitPoints(told.unfit))
    })
    thread.once('error', reject)
    thread.once('exit', () => {
      signal.removeEventListener('abort', leave)
      reject(new Error('The thread ended without an answer.'))
    })
  })
}

import { Worker } from 'node:worker_threads'
import { ScanRefused } from '../rules/scan-refused.ts'
import type { Inspected, ScanFileHere } from './inspect.ts'

/** What the thread tells: how far it is, then what it found, or a sentence on what is wrong with the file. */
export type Told = { readonly share: number } | { readonly inspected: Inspected } | { readonly unreadable: string }

export interface ApartOptions {
  readonly signal: AbortSignal
  readonly onProgress?: (share: number) => void
  readonly timeoutMs?: number
}

/** The most points that a file may have take a quarter of an hour, as text twice as long. */
const defaultTimeoutMs = 3_600_000
/** Of the thread's heap; batches lie outside of it, and are bounded on their own. */
const memoryMb = 256

/**
 * `inspect` in a thread of its own, so that requests are answered meanwhile: files are as their senders made them. Rejects with
 * `ScanRefused`, also when it takes too long or too much memory, and with the signal's reason, at once.
 */
export async function inspectApart(
  file: ScanFileHere,
  { signal, onProgress = () => {}, timeoutMs = defaultTimeoutMs }: ApartOptions,
): Promise<Inspected> {
  signal.throwIfAborted()
  const thread = new Worker(new URL('./inspecting-thread.ts', import.meta.url), {
    workerData: file,
    env: {},
    // The process's own flags are for its own work.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  })
  const timer = new AbortController()
  const tooLong = new ScanRefused(`Reading it takes longer than ${timeoutMs / 1000} s. Split it into tiles.`)
  const timeout = setTimeout(() => timer.abort(tooLong), timeoutMs)
  try {
    return await answerOf(thread, AbortSignal.any([signal, timer.signal]), onProgress)
  } finally {
    clearTimeout(timeout)
    await thread.terminate()
  }
}

function answerOf(thread: Worker, signal: AbortSignal, onProgress: (share: number) => void): Promise<Inspected> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    thread.on('message', (told: Told) => {
      if ('share' in told) onProgress(told.share)
      else if ('inspected' in told) resolve(told.inspected)
      else reject(new ScanRefused(told.unreadable))
    })
    thread.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? new ScanRefused('Reading it takes more memory than an import gets. Split it into tiles.')
          : error,
      ),
    )
    thread.once('exit', () => {
      signal.removeEventListener('abort', leave)
      reject(new Error('The thread ended without an answer.'))
    })
  })
}

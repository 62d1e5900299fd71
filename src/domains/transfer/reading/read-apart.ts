import { Worker } from 'node:worker_threads'
import { type ImportPlan, UnreadableExport } from '../import-plan.ts'
import type { ReadingOptions } from '../readers.ts'
import type { ImportFormat } from '../rules/import-shown.ts'

/** What the thread is given. */
export interface Reading {
  readonly format: ImportFormat
  readonly path: string
  readonly options: ReadingOptions
}

/** What the thread answers. */
export type Read = { readonly plan: ImportPlan } | { readonly unreadable: string; readonly forInput: string }

export interface ApartOptions {
  readonly signal: AbortSignal
  readonly timeoutMs?: number
  readonly memoryMb?: number
}

/** A file may be made to take for ever. */
const defaultTimeoutMs = 60_000
/** Of the thread's heap. A diary of fifty years needs a tenth. */
const defaultMemoryMb = 384

/**
 * Reads another app's export in a thread of its own: some of it is one long statement, and files are as their senders made
 * them. Throws `UnreadableExport`, also when it takes too long or too much memory, and the signal's reason.
 */
export async function readApart(
  reading: Reading,
  { signal, timeoutMs = defaultTimeoutMs, memoryMb = defaultMemoryMb }: ApartOptions,
): Promise<ImportPlan> {
  signal.throwIfAborted()
  const thread = new Worker(new URL('./reading-thread.ts', import.meta.url), {
    workerData: reading,
    env: {},
    // The process's own flags are for its own work.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  })
  try {
    const read = await answerOf(thread, signal, timeoutMs)
    if ('plan' in read) return read.plan
    throw new UnreadableExport(read.forInput)
  } finally {
    await thread.terminate()
  }
}

function answerOf(thread: Worker, signal: AbortSignal, timeoutMs: number): Promise<Read> {
  return new Promise((resolve, reject) => {
    const tooLong = new UnreadableExport(`Reading it takes longer than ${timeoutMs / 1000} s. Split it by years.`)
    const timer = setTimeout(() => reject(tooLong), timeoutMs)
    const leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    thread.once('message', resolve)
    thread.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? new UnreadableExport('Reading it takes more memory than an import gets. Split it by years.')
          : error,
      ),
    )
    thread.once('exit', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
      reject(new Error('The thread ended without an answer.'))
    })
  })
}

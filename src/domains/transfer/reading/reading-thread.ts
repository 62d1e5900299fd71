// Runs in a thread of its own: see `read-apart.ts`.

import path from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { type ImportPlan, UnreadableExport } from '../import-plan.ts'
import { importFormats } from '../readers.ts'
import type { Read, Reading } from './read-apart.ts'

/** Days and problems that one import takes: a hundred habits of eight years. */
const mostDays = 300_000
const mostProblems = 100_000

parentPort?.postMessage(await read(workerData))

async function read({ format, path: file, options }: Reading): Promise<Read> {
  try {
    return { plan: bounded(await importFormats[format].read(file, options)) }
  } catch (error) {
    if (!(error instanceof UnreadableExport)) throw error
    // Where it lies here is nothing to its sender.
    const shown = (text: string) => text.replaceAll(file, path.basename(file))
    return { unreadable: shown(error.message), forInput: shown(error.forInput) }
  }
}

function bounded(plan: ImportPlan): ImportPlan {
  const days = plan.habits.reduce((total, { entries }) => total + entries.length, 0)
  if (days > mostDays)
    throw new UnreadableExport(`It has ${days} days; at most ${mostDays} are imported at once. Split it by years.`)
  if (plan.problems.length > mostProblems) throw new UnreadableExport('Hardly a row of it can be taken.')
  return plan
}

import { GraphQLError } from 'graphql'
import type { JobTools } from '../../../job-tools.ts'
import { ObjectMissing } from '../../../platform/objects/objects.ts'
import { calculateApart } from '../calculations/calculate-apart.ts'
import { withFiles } from '../calculations/files.ts'
import { measureOf } from '../calculations/measures.ts'
import {
  type CalculationWork,
  calculationWork,
  equalResult,
  finishCalculation,
  footprintArea,
  removeOldCalculations,
} from '../queries/calculation-work.ts'
import type { CalculationKey } from '../queries/calculations.ts'
import { failWork, makeWorkProgress, startWork } from '../queries/long-work.ts'
import type { AreaModel, CalculationResult } from '../rules/calculation-results.ts'
import { UnfitPoints } from '../rules/points.ts'

export const calculationJobs = {
  /** Works out what was asked for. Taken again after a worker died, it begins anew: nothing is kept until the result is. */
  async run_calculation(key: CalculationKey, tools: JobTools): Promise<void> {
    const { worker } = tools
    const work = { table: 'calculations', ownerId: key.ownerId, id: key.calculationId } as const
    if (!(await startWork(worker, work))) return
    const progress = makeWorkProgress(worker, work)
    try {
      const done = await outcome(key, tools, progress.show)
      await progress.shown()
      await finishCalculation(worker, key, done)
    } catch (error) {
      await progress.shown()
      const sentence = sentenceOf(error)
      if (sentence === null) throw error
      await failWork(worker, work, sentence)
    }
    await removeOldCalculations(worker, key)
  },
}

async function outcome(key: CalculationKey, tools: JobTools, onProgress: (share: number) => void) {
  const earlier = await equalResult(tools.worker, key)
  if (earlier !== null) return { result: earlier, isRepeated: true }
  const work = await calculationWork(tools.worker, key)
  return { result: await workedOut(work, tools, onProgress), isRepeated: false }
}

async function workedOut(
  { kind, parameters, scans }: CalculationWork,
  tools: JobTools,
  onProgress: (share: number) => void,
): Promise<CalculationResult> {
  if (kind === 'area') return footprintOf(scans, tools)
  const area = kind === 'density' ? (await footprintOf(scans, tools)).area : 0
  if (kind === 'density' && area === 0)
    throw new UnfitPoints('The scan’s footprint has no area: its points lie on a line.')
  const measure = measureOf(kind, parameters, area)
  return withFiles(scans, tools, (files) => calculateApart(measure, files, { signal: tools.signal, onProgress }))
}

async function footprintOf([scan]: CalculationWork['scans'], { worker }: JobTools): Promise<AreaModel> {
  const area = scan?.isThere ? await footprintArea(worker, scan) : null
  if (area === null) throw new UnfitPoints('The scan was deleted meanwhile, or nobody knows where it lies.')
  return area
}

/** What to tell whoever asked; null: it is no fault of theirs or of the file's, and is tried again. */
export function sentenceOf(error: unknown): string | null {
  if (error instanceof UnfitPoints || error instanceof GraphQLError) return error.message
  if (error instanceof ObjectMissing)
    return 'The points of the scan are not where they were kept: tell whoever runs this service.'
  return null
}

import { expect } from '@jest/globals'
import { fromGlobalId } from '../../../../src/platform/graphql/global-ids.ts'
import { runJobs } from '../../../support/jobs.ts'
import type { Point } from '../rules/clouds.ts'
import { newScanOf, type ScannedOptions } from '../scanned.ts'
import { withSurveys } from '../surveys-world.ts'

const fields = `id kind status progress error createdAt finishedAt cellSize baseHeight percentiles algorithmVersion isRepeated
  project { id } scans { id }
  result { __typename
    ... on AreaResult { area perimeter }
    ... on DensityResult { pointCount footprintArea perSquareMetre nominalSpacing occupiedCells occupiedArea
      perOccupiedSquareMetre fewestPerCell medianPerCell mostPerCell }
    ... on HeightsResult { pointCount minimum maximum mean percentiles { percent height errorBound } }
    ... on VolumeResult { cut fill net occupiedCells occupiedArea emptyArea enclosedEmptyArea }
    ... on DifferenceResult { gain loss net comparedArea onlyEarlierArea onlyLaterArea meanDifference
      rootMeanSquareDifference leastDifference greatestDifference }
  }`

/** Near Cairo, in zone 36 of UTM. */
const nearCairo = ([x, y, z]: Point): Point => [x + 330_000, y + 3_320_000, z]

/** Calculations as people ask for them, and what comes of them. Within a `describe`. */
export function withCalculations() {
  const shared = withSurveys()

  const numberOf = (scan: string) => fromGlobalId('Scan', scan, 'id').scanId
  const scanOf = (points: readonly Point[], options?: ScannedOptions) =>
    newScanOf(shared.service, shared.projectId, points.map(nearCairo), options)
  const request = (kind: string, scanIds: readonly string[], parameters: object = {}, as = shared.leila) =>
    shared.surveys.ask(
      as,
      `mutation ($input: RequestCalculationInput!) { requestCalculation(input: $input) { calculation { ${fields} } } }`,
      { input: { projectId: shared.projectId, kind, scanIds, ...parameters } },
    )
  async function requested(...asked: Parameters<typeof request>) {
    const { data, errors } = await request(...asked)
    expect(errors ?? []).toEqual([])
    return data.requestCalculation.calculation
  }
  const calculation = async (id: string, as = shared.leila) =>
    (await shared.surveys.ask(as, `query ($id: ID!) { node(id: $id) { ... on Calculation { ${fields} } } }`, { id }))
      .data.node
  async function calculated(...asked: Parameters<typeof request>) {
    const { id } = await requested(...asked)
    await runJobs(shared.service)
    return calculation(id)
  }

  return { shared, numberOf, scanOf, request, requested, calculation, calculated }
}

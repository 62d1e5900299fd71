import { expect, test } from '@jest/globals'
import {
  type AskedParameters,
  type CalculationKind,
  checkedParameters,
} from '../../../../src/domains/surveys/rules/calculation-parameters.ts'

test.each<[CalculationKind, AskedParameters, object]>([
  ['area', {}, {}],
  ['area', { cellSize: null, percentiles: undefined }, {}],
  ['density', { cellSize: 0.5 }, { cellSize: 0.5 }],
  ['heights', {}, { percentiles: [5, 25, 50, 75, 95] }],
  ['heights', { percentiles: [99.5, 50, 0, 50] }, { percentiles: [0, 50, 99.5] }],
  ['volume', { cellSize: 2, baseHeight: -0 }, { cellSize: 2, baseHeight: 0 }],
  ['difference', { cellSize: 10_000 }, { cellSize: 10_000 }],
])('SUR-1 %s takes %j', (kind, asked, checked) => {
  expect(checkedParameters(kind, asked)).toEqual(checked)
})

test.each<[CalculationKind, AskedParameters, string, string]>([
  ['area', { cellSize: 1 }, 'CONTRADICTORY', 'input.cellSize'],
  ['density', {}, 'CONTRADICTORY', 'input.cellSize'],
  ['density', { cellSize: 1, baseHeight: 0 }, 'CONTRADICTORY', 'input.baseHeight'],
  ['volume', { cellSize: 1 }, 'CONTRADICTORY', 'input.baseHeight'],
  ['volume', { cellSize: 1, baseHeight: 1e6 }, 'OUT_OF_RANGE', 'input.baseHeight'],
  ['difference', { cellSize: 0 }, 'OUT_OF_RANGE', 'input.cellSize'],
  ['difference', { cellSize: Number.NaN }, 'OUT_OF_RANGE', 'input.cellSize'],
  ['heights', { percentiles: [] }, 'EMPTY_LIST', 'input.percentiles'],
  ['heights', { percentiles: [50, 100.1] }, 'OUT_OF_RANGE', 'input.percentiles'],
  ['heights', { percentiles: Array.from({ length: 21 }, (_, at) => at) }, 'TOO_MANY', 'input.percentiles'],
])('SUR-1 %s refuses %j', (kind, asked, reason, field) => {
  expect(() => checkedParameters(kind, asked)).toThrow(
    expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', reason, field } }),
  )
})

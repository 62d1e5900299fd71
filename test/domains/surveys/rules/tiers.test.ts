import { expect, test } from '@jest/globals'
import { estimatedSeconds, isPackedIn, requireAtHand, tierAfter } from '../../../../src/domains/surveys/rules/tiers.ts'

test('SUR-1 points in the archive are refused, with the way back', () => {
  expect(() => requireAtHand({ tier: 'hot' })).not.toThrow()
  const refused = expect.objectContaining({
    message: expect.stringContaining('`restoreScan`'),
    extensions: { code: 'CONFLICT', reason: 'SCAN_IS_COLD', field: 'input.scanIds' },
  })
  expect(() => requireAtHand({ tier: 'cold' }, 'input.scanIds')).toThrow(refused)
})

test('only the archive compresses, and only what is not compressed', () => {
  expect(tierAfter('archive')).toBe('cold')
  expect(tierAfter('restore')).toBe('hot')
  const packed = (['hot', 'cold'] as const).map((tier) =>
    (['las', 'laz', 'xyz'] as const).map((format) => isPackedIn(tier, format)),
  )
  expect(packed).toEqual([
    [false, false, false],
    [true, false, true],
  ])
})

test('the estimate is what the measured rate gives, in whole seconds, and never nothing', () => {
  expect(estimatedSeconds(1e9, 1e7)).toBe(100)
  expect(estimatedSeconds(1e9 + 1, 1e7)).toBe(101)
  expect(estimatedSeconds(0, 1e7)).toBe(1)
  expect(estimatedSeconds(1e9, null)).toBe(50)
})

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  checkedWindow,
  daysLeft,
  judgeGoal,
  judgeItem,
  type MeasuredItem,
  windowDays,
} from '../../../src/domains/progress/rules.ts'
import { addDays } from '../../../src/platform/civil-dates.ts'

const november = { startDate: '2026-11-01', endDate: '2026-11-10' }
const during = '2026-11-05'
const after = '2026-11-11'
const item = (over: Partial<MeasuredItem> = {}): MeasuredItem => ({
  goalItemId: '1',
  comparator: 'at_least',
  target: '4',
  value: '0',
  reachedOn: null,
  isDeleted: false,
  ...over,
})
const atMost = (value: string) => item({ comparator: 'at_most', value })
const met = item({ value: '4', reachedOn: '2026-11-04' })
const half = item({ value: '2' })

describe('one item', () => {
  test.each([
    ['nothing yet', item(), during, 'PENDING', 0, '4'],
    ['half of it', half, during, 'PENDING', 0.5, '2'],
    ['just reached', met, during, 'MET', 1, '0'],
    ['more than asked', item({ value: '9.5' }), during, 'MET', 1, '0'],
    ['not reached on the last day', half, '2026-11-10', 'PENDING', 0.5, '2'],
    ['not reached when over', half, after, 'FAILED', 0.5, '2'],
  ] as const)('GOAL-3 at least: %s', (_title, measured, asOf, state, ratio, remaining) => {
    expect(judgeItem(measured, november, asOf)).toEqual({ state, ratio, remaining })
  })

  test.each([
    ['on the first day no day is over', atMost('0'), '2026-11-01', 'ON_TRACK', 0, '4'],
    ['four of ten days are over', atMost('1'), during, 'ON_TRACK', 0.4, '3'],
    ['exactly the limit is kept', atMost('4'), during, 'ON_TRACK', 0.4, '0'],
    ['exceeded', atMost('4.001'), during, 'FAILED', 0, '0'],
    ['kept to the end', atMost('4'), after, 'MET', 1, '0'],
    ['exceeded and over', atMost('5'), after, 'FAILED', 0, '0'],
  ] as const)('GOAL-3 at most: %s', (_title, measured, asOf, state, ratio, remaining) => {
    expect(judgeItem(measured, november, asOf)).toEqual({ state, ratio, remaining })
  })

  test('GOAL-3 the ratio is 1 exactly when MET', () => {
    const amount = fc.integer({ min: 0, max: 999_999_999_999 }).map((n) => (BigInt(n) === 0n ? '0' : `${n / 1000}`))
    const target = fc.integer({ min: 1, max: 999_999_999_999 }).map((n) => `${n / 1000}`)
    const asOf = fc.integer({ min: -5, max: 20 }).map((days) => addDays(november.startDate, days))
    fc.assert(
      fc.property(amount, target, fc.constantFrom('at_least', 'at_most'), asOf, (value, wanted, comparator, day) => {
        const { ratio, state } = judgeItem(item({ value, target: wanted, comparator }), november, day)
        expect(ratio === 1).toBe(state === 'MET')
        expect(ratio).toBeGreaterThanOrEqual(0)
        expect(ratio).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('a whole goal', () => {
  const failed = atMost('5')
  const onTrack = atMost('1')
  const gone = item({ isDeleted: true })

  test.each([
    ['before its window', 'and', [met], '2026-10-31', 'UPCOMING', 0],
    ['AND: one failed', 'and', [met, failed], during, 'FAILED', 0.5],
    ['AND: all met', 'and', [met, met], during, 'MET', 1],
    ['AND: one pending', 'and', [met, half], during, 'PENDING', 0.75],
    ['AND: pending beside a limit', 'and', [half, onTrack], during, 'PENDING', 0.45],
    ['AND: limits alone', 'and', [onTrack], during, 'ON_TRACK', 0.4],
    ['AND: met beside a limit', 'and', [met, onTrack], during, 'ON_TRACK', 0.7],
    ['AND: a deleted item suspends it', 'and', [met, gone], during, 'SUSPENDED', 0],
    ['OR: any met', 'or', [half, met, failed], during, 'MET', 1],
    ['OR: all failed', 'or', [failed, failed], during, 'FAILED', 0],
    ['OR: not all failed', 'or', [failed, half], during, 'PENDING', 0.5],
    ['OR: the best counts', 'or', [half, onTrack], during, 'PENDING', 0.5],
    ['OR: a deleted item is left out', 'or', [half, gone], during, 'PENDING', 0.5],
    ['no items are never met', 'and', [], during, 'PENDING', 0],
    ['no items are never met, not even by OR', 'or', [gone], during, 'PENDING', 0],
    ['no items, and it is over', 'or', [], after, 'FAILED', 0],
  ] as const)('GOAL-4 %s', (_title, match, items, asOf, state, ratio) => {
    const verdict = judgeGoal(match, items, november, asOf)
    expect(verdict.state).toBe(state)
    expect(verdict.ratio).toBeCloseTo(ratio, 12)
  })

  test('GOAL-6 it is completed on the day, in order of dates, that first reaches it', () => {
    const early = item({ value: '4', reachedOn: '2026-11-02' })
    expect(judgeGoal('and', [early, met], november, during).completedOn).toBe('2026-11-04')
    expect(judgeGoal('or', [early, met], november, during).completedOn).toBe('2026-11-02')
    expect(judgeGoal('and', [early, atMost('0')], november, after).completedOn).toBe('2026-11-10')
    expect(judgeGoal('and', [half], november, during).completedOn).toBeNull()
  })

  test('GOAL-4 the ratio is 1 exactly when MET, and nothing else completes', () => {
    const measured = fc.record({
      comparator: fc.constantFrom('at_least' as const, 'at_most' as const),
      value: fc.integer({ min: 0, max: 8 }).map(String),
      isDeleted: fc.boolean(),
    })
    const asOf = fc.integer({ min: -2, max: 12 }).map((days) => addDays(november.startDate, days))
    fc.assert(
      fc.property(fc.constantFrom('and', 'or'), fc.array(measured, { maxLength: 5 }), asOf, (match, parts, day) => {
        const items = parts.map((part) =>
          item({ ...part, reachedOn: Number(part.value) >= 4 ? november.startDate : null }),
        )
        const { ratio, state, completedOn } = judgeGoal(match, items, november, day)
        expect(ratio === 1).toBe(state === 'MET')
        expect(completedOn !== null).toBe(state === 'MET')
      }),
    )
  })
})

describe('the window', () => {
  test('GOAL-1 both ends are in it, and end = start + duration - 1', () => {
    expect(checkedWindow('2026-11-01', { durationDays: 10 })).toEqual(november)
    expect(checkedWindow('2026-11-01', { endDate: '2026-11-10' })).toEqual(november)
    expect(checkedWindow('2026-11-01', { endDate: '2026-11-10', durationDays: 10 })).toEqual(november)
    expect(windowDays(november)).toBe(10)
  })

  test.each([
    ['neither end nor duration', {}],
    ['an end and a duration that disagree', { endDate: '2026-11-10', durationDays: 9 }],
    ['an end before the start', { endDate: '2026-10-31' }],
    ['no day at all', { durationDays: 0 }],
    ['3,661 days', { durationDays: 3661 }],
    ['3,661 days by its end', { endDate: addDays('2026-11-01', 3660) }],
  ])('GOAL-1 refused: %s', (_title, length) => {
    expect(() => checkedWindow('2026-11-01', length)).toThrow(
      expect.objectContaining({
        extensions: expect.objectContaining({ code: 'BAD_USER_INPUT', reason: 'INVALID_GOAL' }),
      }),
    )
  })

  test.each([
    ['startDate', '1899-12-31', { durationDays: 1 }],
    ['startDate', '0001-01-01', { endDate: '0001-01-02' }],
    ['durationDays', '9999-12-31', { durationDays: 2 }],
  ])('GOAL-1 a window outside of the calendar is refused: %s %s', (field, startDate, length) => {
    expect(() => checkedWindow(startDate, length)).toThrow(
      expect.objectContaining({
        extensions: { code: 'BAD_USER_INPUT', reason: 'INVALID_GOAL', field: `input.${field}` },
      }),
    )
  })

  test('GOAL-1 the first and the last day of the calendar can be windows', () => {
    const [first, last] = ['1900-01-01', '9999-12-31']
    expect(checkedWindow(first, { durationDays: 1 })).toEqual({ startDate: first, endDate: first })
    expect(checkedWindow(last, { durationDays: 1 })).toEqual({ startDate: last, endDate: last })
  })

  test('days that are left count the day of judgement', () => {
    expect(daysLeft(november, '2026-10-01')).toBe(10)
    expect(daysLeft(november, '2026-11-01')).toBe(10)
    expect(daysLeft(november, '2026-11-10')).toBe(1)
    expect(daysLeft(november, after)).toBe(0)
  })
})

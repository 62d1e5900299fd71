import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  checkPoints,
  type DashboardModel,
  type DashboardStatistics,
  fillSeries,
  pointOf,
  pointsOf,
  previousRange,
  seriesKeys,
} from '../../../src/domains/dashboard/rules.ts'
import { checkedRange, dayCount, lastDays } from '../../../src/domains/entries/rules/ranges.ts'
import { addDays, daysBetween, isoDayOfWeek } from '../../../src/platform/civil-dates.ts'

const aDate = fc.integer({ min: 0, max: 80_000 }).map((days) => addDays('1900-01-01', days))
const range = fc
  .tuple(aDate, fc.integer({ min: 1, max: 3660 }))
  .map(([from, days]) => ({ from, to: addDays(from, days - 1) }))
const dashboard = (over: Partial<DashboardModel> = {}): DashboardModel => ({
  ownerId: '1',
  from: '2026-11-01',
  to: '2026-11-30',
  today: '2026-11-20',
  weekStart: 1,
  withItems: true,
  ...over,
})
const refusal = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return error as { message: string; extensions: Record<string, unknown> }
  }
  throw new Error('It was not refused.')
}

describe('ranges', () => {
  test('DAY-4 the last 30 days are today and the 29 before it', () => {
    expect(lastDays('2026-03-01')).toEqual({ from: '2026-01-31', to: '2026-03-01' })
    expect(dayCount(lastDays('2024-03-01'))).toBe(30)
  })

  test('DAY-6 a range of 3,660 days is taken; one more is RANGE_TOO_WIDE with the widest that fits', () => {
    const widest = { from: '2016-01-01', to: addDays('2016-01-01', 3659) }
    expect(checkedRange(widest)).toBe(widest)
    const error = refusal(() => checkedRange({ ...widest, to: addDays(widest.to, 1) }))
    expect(error.extensions).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'RANGE_TOO_WIDE' })
    expect(error.message).toContain(widest.to)
  })

  test('a range that ends before it begins is refused', () => {
    expect(refusal(() => checkedRange({ from: '2026-02-01', to: '2026-01-31' })).extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'range.to',
    })
  })

  test('the previous range has as many days and ends the day before', () => {
    fc.assert(
      fc.property(range, (current) => {
        const previous = previousRange(current)
        if (previous === null) throw new Error('these days have days before them')
        expect(dayCount(previous)).toBe(dayCount(current))
        expect(addDays(previous.to, 1)).toBe(current.from)
      }),
    )
  })

  test('there is no previous range before the calendar begins', () => {
    expect(previousRange({ from: '0001-01-01', to: '0001-01-01' })).toBeNull()
    expect(previousRange({ from: '0001-01-03', to: '0001-01-05' })).toBeNull()
    expect(previousRange({ from: '0001-01-03', to: '0001-01-04' })).toEqual({ from: '0001-01-01', to: '0001-01-02' })
  })
})

describe('points', () => {
  test('DAY-6 weeks start on the day of the week that the owner chose', () => {
    fc.assert(
      fc.property(aDate, fc.integer({ min: 1, max: 7 }), (date, weekStart) => {
        const start = pointOf(date, 'WEEK', { from: '0001-01-01', weekStart })
        expect(isoDayOfWeek(start)).toBe(weekStart)
        expect(daysBetween(start, date)).toBeGreaterThanOrEqual(0)
        expect(daysBetween(start, date)).toBeLessThan(7)
      }),
    )
  })

  test.each([
    ['DAY', ['2026-01-30', '2026-01-31', '2026-02-01', '2026-02-02']],
    ['WEEK', ['2026-01-30', '2026-02-02']],
    ['MONTH', ['2026-01-30', '2026-02-01']],
  ] as const)('the first %s begins with the range', (every, points) => {
    expect(pointsOf(dashboard({ from: '2026-01-30', to: '2026-02-02' }), every)).toEqual(points)
  })

  test('DASH-1 there is one point per civil day, and where nothing was recorded its amounts are null, not 0', () => {
    const keys = [{ key: 'hasanaat', ownerId: '1', category: 'hasanaat' as const, deedId: null, itemId: null }]
    const recorded = [{ key: 'hasanaat', date: '2026-11-02', entryCount: 1, countTotal: null, averageScore: '0' }]
    const [series] = fillSeries(keys, recorded, pointsOf(dashboard({ to: '2026-11-03' }), 'DAY'))
    expect(series?.points).toEqual([
      { date: '2026-11-01', entryCount: 0, countTotal: null, averageScore: null },
      { date: '2026-11-02', entryCount: 1, countTotal: null, averageScore: '0' },
      { date: '2026-11-03', entryCount: 0, countTotal: null, averageScore: null },
    ])
  })

  test('every recorded point lands in its series and nowhere else', () => {
    fc.assert(
      fc.property(range, fc.array(fc.tuple(fc.constantFrom('1', '2'), fc.nat(3659))), (days, marks) => {
        const dates = pointsOf({ ...days, weekStart: 1 }, 'DAY')
        const wanted = new Set(marks.map(([key, offset]) => `${key} ${dates[offset % dates.length]}`))
        const recorded = [...wanted].map((mark) => {
          const [key = '', date = ''] = mark.split(' ')
          return { key, date, entryCount: 1, countTotal: '1', averageScore: null }
        })
        const keys = ['1', '2'].map((id) => ({
          key: id,
          ownerId: '1',
          category: 'hasanaat' as const,
          deedId: id,
          itemId: null,
        }))
        const filled = fillSeries(keys, recorded, dates).flatMap(({ deedId, points }) =>
          points.filter(({ entryCount }) => entryCount > 0).map(({ date }) => `${deedId} ${date}`),
        )
        expect(new Set(filled)).toEqual(wanted)
        expect(filled).toHaveLength(wanted.size)
      }),
      { numRuns: 30 },
    )
  })

  test('DAY-6 20,000 points are answered; more are RANGE_TOO_WIDE with the widest range that fits', () => {
    const year = dashboard({ from: '2020-01-01', to: addDays('2020-01-01', 399) })
    expect(() => checkPoints(year, 'DAY', 50)).not.toThrow()
    const error = refusal(() => checkPoints(year, 'DAY', 51))
    expect(error.extensions).toMatchObject({ reason: 'RANGE_TOO_WIDE' })
    const widest = addDays('2020-01-01', Math.floor(20_000 / 51) - 1)
    expect(error.message).toContain(widest)
    expect(() => checkPoints({ ...year, to: widest }, 'DAY', 51)).not.toThrow()
    expect(() => checkPoints(year, 'MONTH', 51)).not.toThrow()
  })
})

test('a chart has a line for each category, deed or item that the viewer may see', () => {
  const totals = {
    entryCount: 0,
    recordedDays: 0,
    countTotal: null,
    averagePerRecordedDay: null,
    averagePerDay: null,
    averageScore: null,
  }
  const deed = { ...totals, ownerId: '1', category: 'saiyyiaat' as const, deedId: '5' }
  const statistics: DashboardStatistics = {
    asOf: '',
    totals: [{ ...totals, category: 'saiyyiaat' }],
    deeds: [deed],
    items: [{ ...deed, itemId: '7' }],
  }
  expect(seriesKeys('CATEGORY', statistics, '1').map(({ key }) => key)).toEqual(['saiyyiaat'])
  expect(seriesKeys('DEED', statistics, '1').map(({ key }) => key)).toEqual(['5'])
  expect(seriesKeys('ITEM', statistics, '1').map(({ key }) => key)).toEqual(['7'])
})

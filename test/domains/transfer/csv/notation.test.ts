import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { amountOf } from '../../../../src/domains/transfer/csv/amounts.ts'
import { dateOf, orderOf } from '../../../../src/domains/transfer/csv/dates.ts'

describe('dates', () => {
  test.each([
    ['2026-02-03', '2026-02-03', '2026-02-03'],
    ['2026/2/3', '2026-02-03', '2026-02-03'],
    ['03/04/2026', '2026-04-03', '2026-03-04'],
    ['3.4.2026', '2026-04-03', '2026-03-04'],
    ['13-01-2026', '2026-01-13', undefined],
    ['01/13/2026', undefined, '2026-01-13'],
    ['29.02.2024', '2024-02-29', undefined],
    ['29.02.2026', undefined, undefined],
    ['2026-02-30', undefined, undefined],
    ['03/04-2026', undefined, undefined],
    ['03/04/26', undefined, undefined],
    ['0/1/2026', undefined, undefined],
    ['', undefined, undefined],
    ['2026-02-03T10:00', undefined, undefined],
  ])('%j is %s with the day first, %s with the month first', (text, dayFirst, monthFirst) => {
    expect([dateOf(text, 'DMY'), dateOf(text, 'MDY')]).toEqual([dayFirst, monthFirst])
  })

  const rows = (...dates: string[]) => dates.map((date, index) => ({ date, line: index + 2 }))

  test.each([
    ['a row that can only have the day first', rows('03/04/2026', '13/04/2026'), 'DMY'],
    ['a row that can only have the month first', rows('03/04/2026', '04/13/2026'), 'MDY'],
    ['no row that could be both', rows('2026-01-02', '05/05/2026', '31/02/2026', 'x'), 'DMY'],
  ])('IMP-3 %s decides the order of the file', (_title, dates, order) => {
    expect(orderOf(dates, 'a.csv', undefined)).toBe(order)
  })

  test('IMP-3 where every row allows both, or two contradict each other, the order is asked for', () => {
    expect(() => orderOf(rows('2026-01-01', '03/04/2026'), 'a.csv', undefined)).toThrow(
      '"03/04/2026" (a.csv:3) can be day/month/year or month/day/year, as all dates of the file. Say which with --date-order',
    )
    expect(() => orderOf(rows('13/04/2026', '04/13/2026'), 'a.csv', undefined)).toThrow(
      '"13/04/2026" (a.csv:2) can only be day/month/year, "04/13/2026" (a.csv:3) only month/day/year. Say which',
    )
    expect(orderOf(rows('13/04/2026', '04/13/2026'), 'a.csv', 'MDY')).toBe('MDY')
  })
})

describe('amounts', () => {
  test.each([
    ['0', '0'],
    ['007', '7'],
    ['1.50', '1.5'],
    ['2.000000', '2'],
    ['0.001', '0.001'],
    ['999999999.999', '999999999.999'],
    ['1000000000', undefined],
    ['0.0001', undefined],
    ['1,5', undefined],
    ['1,000', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    ['.5', undefined],
    ['', undefined],
    ['٣', undefined],
  ])('%j is %s', (text, amount) => {
    expect(amountOf(text, '.')).toBe(amount)
  })

  test('whatever is taken has the same worth, with either mark', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999_999 }),
        fc.constantFrom('.' as const, ',' as const),
        (n, mark) => {
          const text = `${Math.floor(n / 1000)}${mark}${String(n % 1000).padStart(3, '0')}`
          const amount = amountOf(text, mark) ?? ''
          expect(BigInt(Math.round(Number(amount) * 1000))).toBe(BigInt(n))
          expect(amount).not.toMatch(/\.$|\.\d*0$/)
        },
      ),
    )
  })
})

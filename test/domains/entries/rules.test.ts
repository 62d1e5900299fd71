import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decideRecord, type StoredEntry } from '../../../src/domains/entries/rules.ts'
import { clear, counted, ownersCount, ownersScale, place, record, scaled } from './situations.ts'

describe('ENT-1 the measure decides which value is taken', () => {
  test.each([
    ['count', { count: '3' }, counted(), { status: 'CREATED', count: '3' }],
    [
      'scale',
      { scaleValueId: '202' },
      scaled(),
      { status: 'CREATED', scaleId: '20', scaleValueId: '202', count: null },
    ],
    ['zero', { count: '0' }, counted(), { status: 'CREATED', count: '0' }],
  ])('ENT-1 a %s is recorded', (_name, request, situation, expected) => {
    expect(record(request, situation)).toMatchObject(expected)
  })

  test.each([
    ['a scale value for a counted deed', { scaleValueId: '202' }, counted(), 'scaleValueId'],
    ['a count for a deed on a scale', { count: '3' }, scaled(), 'count'],
    ['an increment for a deed on a scale', { incrementBy: '1' }, scaled(), 'incrementBy'],
    ['both values for a counted deed', { count: '3', scaleValueId: '202' }, counted(), 'scaleValueId'],
    ['both values for a deed on a scale', { count: '3', scaleValueId: '202' }, scaled(), 'count'],
    ['a count and an increment', { count: '3', incrementBy: '1' }, counted(), 'incrementBy'],
    ['also where something is recorded', { count: '3' }, scaled({ entry: ownersScale }), 'count'],
  ])('ENT-1 refuses %s', (_name, request, situation, field) => {
    expect(record(request, situation)).toEqual({ code: 'BAD_USER_INPUT', reason: 'WRONG_MEASURE', field })
  })

  test.each([
    '-1',
    '-0.001',
    '1000000000',
    '999999999.9991',
    '0.0001',
    '1.00000000000001',
    '1e3',
    '',
    ' 1',
    'NaN',
    'Infinity',
    '0x1',
    '١',
  ])('ENT-1 refuses the amount %j, never rounds it', (count) => {
    expect(record({ count }, counted())).toEqual({ code: 'BAD_USER_INPUT', reason: 'INVALID_AMOUNT', field: 'count' })
  })

  test.each([
    ['999999999.999', '999999999.999'],
    ['0.001', '0.001'],
    ['2.500', '2.5'],
    ['1.000000', '1'],
    ['-0', '0'],
  ])('ENT-1 takes the amount %s', (count, stored) => {
    expect(record({ count }, counted())).toMatchObject({ count: stored })
  })
})

describe('ENT-2 what is the same is not written', () => {
  test.each([
    ['the same amount in other digits', { count: '5' }],
    ['the same note', { count: '5.000', notes: 'after dawn' }],
    ['an increment by 0', { incrementBy: '0' }],
    ['nothing but the same note', { notes: 'after dawn' }],
    ['nothing at all', {}],
  ])('ENT-2 %s answers UNCHANGED', (_name, request) => {
    expect(record(request, counted({ entry: ownersCount }))).toMatchObject({ status: 'UNCHANGED' })
  })

  test('ENT-2 another value, or another note, answers UPDATED', () => {
    expect(record({ count: '6' }, counted({ entry: ownersCount }))).toMatchObject({ status: 'UPDATED', count: '6' })
    expect(record({ count: '5', notes: 'late' }, counted({ entry: ownersCount }))).toMatchObject({ status: 'UPDATED' })
    expect(record({ scaleValueId: '202' }, scaled({ entry: ownersScale }))).toMatchObject({ status: 'UPDATED' })
  })
})

describe('ENT-3 notes', () => {
  test('ENT-3 left out they are kept, null removes them', () => {
    expect(record({ count: '6' }, counted({ entry: ownersCount }))).toMatchObject({ notes: 'after dawn' })
    expect(record({ count: '6', notes: null }, counted({ entry: ownersCount }))).toMatchObject({ notes: null })
  })

  test('ENT-3 alone they edit what is recorded, and keep its value', () => {
    const expected = { status: 'UPDATED', scaleId: '20', scaleValueId: '201', count: null, notes: 'in company' }
    expect(record({ notes: 'in company' }, scaled({ entry: ownersScale, requestedScaleId: null }))).toEqual(expected)
  })

  test('ENT-3 alone on a day without a value they are NOTHING_RECORDED', () => {
    expect(record({ notes: 'lost' }, counted())).toEqual({ code: 'CONFLICT', reason: 'NOTHING_RECORDED' })
    expect(record({}, counted())).toEqual({ code: 'CONFLICT', reason: 'NOTHING_RECORDED' })
  })
})

describe('ENT-4 increments', () => {
  test('ENT-4 add to what is there, and to 0 when nothing is', () => {
    expect(record({ incrementBy: '2.5' }, counted())).toMatchObject({ status: 'CREATED', count: '2.5' })
    expect(record({ incrementBy: '-4.999' }, counted({ entry: ownersCount }))).toMatchObject({ count: '0.001' })
  })

  test.each(['-5.001', '999999995', '0.0001'])(
    'ENT-4 refuses the increment %s: the sum is no amount',
    (incrementBy) => {
      const expected = { code: 'BAD_USER_INPUT', reason: 'INVALID_AMOUNT', field: 'incrementBy' }
      expect(record({ incrementBy }, counted({ entry: ownersCount }))).toEqual(expected)
    },
  )

  test('ENT-4 any number of increments in any order come to their exact sum', () => {
    const thousandths = fc.array(fc.integer({ min: 0, max: 5_000_000 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(thousandths, (amounts) => {
        let entry: StoredEntry | null = null
        for (const amount of amounts) {
          const decision = decideRecord({ ...place, incrementBy: (amount / 1000).toFixed(3) }, counted({ entry }))
          if (decision.kind === 'refused') throw new Error(decision.refusal.message)
          entry = { ...decision.value, version: 1, isWrittenByOwner: true }
        }
        const sum = amounts.reduce((total, amount) => total + amount, 0)
        expect(Math.round(Number(entry?.count) * 1000)).toBe(sum)
      }),
    )
  })
})

describe('SCA-4 the value is of the version in effect on the date', () => {
  test('SCA-4 a value of another version is refused with what continues it', () => {
    const situation = scaled({ requestedScaleId: '19', sameLineageValueId: '203' })
    const mismatch = { code: 'CONFLICT', reason: 'SCALE_VERSION_MISMATCH', field: 'scaleValueId' }
    expect(record({ scaleValueId: '191' }, situation)).toEqual({ ...mismatch, suggestedScaleValueId: '203' })
    expect(record({ scaleValueId: '191' }, { ...situation, sameLineageValueId: null })).toEqual(mismatch)
  })

  test('SCA-4 a retired value is not recorded anew', () => {
    expect(record({ scaleValueId: '202' }, scaled({ requestedIsRetired: true }))).toMatchObject({
      reason: 'SCALE_VERSION_MISMATCH',
    })
  })

  test("SCA-4 a value that is none of the deed's is NOT_FOUND", () => {
    expect(record({ scaleValueId: '999' }, scaled({ requestedScaleId: null }))).toEqual({
      code: 'NOT_FOUND',
      field: 'scaleValueId',
    })
  })
})

test('ENT-2 a day that is clear already is cleared without a change', () => {
  expect(clear(undefined, counted())).toBe('UNCHANGED')
  expect(clear(0, counted())).toBe('UNCHANGED')
})

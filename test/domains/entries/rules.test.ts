import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { RecordRequest, Situation, StoredEntry } from '../../../src/domains/entries/rules.ts'
import { decideClear, decideRecord } from '../../../src/domains/entries/rules.ts'

const place = { ownerId: '1', itemId: '10' }
const ownersCount: StoredEntry = {
  version: 3,
  isWrittenByOwner: true,
  count: '5.000',
  scaleId: null,
  scaleValueId: null,
  notes: 'after dawn',
}
const ownersScale: StoredEntry = { ...ownersCount, count: null, scaleId: '20', scaleValueId: '201' }

function counted(changes: Partial<Situation> = {}): Situation {
  return {
    ...place,
    deedId: '5',
    date: '2026-11-20',
    measure: 'count',
    isOwner: true,
    mayWrite: true,
    sharesNotes: true,
    earliestDate: '1900-01-01',
    latestDate: '2026-11-21',
    effectiveScaleId: null,
    requestedScaleId: null,
    requestedIsRetired: false,
    sameLineageValueId: null,
    entry: null,
    ...changes,
  }
}

const scaled = (changes: Partial<Situation> = {}) =>
  counted({ measure: 'scale', effectiveScaleId: '20', requestedScaleId: '20', ...changes })
const asDelegate = (changes: Partial<Situation> = {}) =>
  counted({ isOwner: false, earliestDate: '2026-11-13', ...changes })

function record(request: Partial<RecordRequest>, situation: Situation) {
  const decision = decideRecord({ ...place, ...request }, situation)
  if (decision.kind === 'refused') {
    const { message: _, ...refusal } = decision.refusal
    return refusal
  }
  return { status: decision.status, ...decision.value }
}

function clear(expectedVersion: number | undefined, situation: Situation) {
  const decision = decideClear({ ...place, date: '2026-11-20', expectedVersion }, situation)
  return decision.kind === 'refused' ? decision.refusal.reason : decision.status
}

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

describe('DAY-5 the days that may be written', () => {
  test.each([
    ['1900-01-01', 'CREATED'],
    ['1899-12-31', undefined],
    ['2026-11-21', 'CREATED'],
    ['2026-11-22', undefined],
  ])('DAY-5 the owner on %s', (date, status) => {
    const answer = record({ count: '1', date }, counted({ date }))
    expect(answer).toMatchObject(
      status ? { status } : { code: 'BAD_USER_INPUT', reason: 'DATE_OUT_OF_RANGE', field: 'date' },
    )
  })

  test.each([
    ['2026-11-13', 'CREATED'],
    ['2026-11-12', undefined],
    ['2026-11-21', 'CREATED'],
  ])('DAY-5 a delegate on %s, reaching back 7 days', (date, status) => {
    const answer = record({ count: '1', date }, asDelegate({ date }))
    expect(answer).toMatchObject(status ? { status } : { reason: 'DATE_OUT_OF_RANGE' })
  })

  test('DAY-5 a delegate clears no day further back either', () => {
    expect(clear(undefined, asDelegate({ date: '2026-11-12' }))).toBe('DATE_OUT_OF_RANGE')
  })
})

describe('ENT-7 recording for somebody else', () => {
  const delegates: StoredEntry = { ...ownersCount, isWrittenByOwner: false }

  test('ENT-7 what a delegate wrote last may be overwritten and cleared', () => {
    expect(record({ count: '6' }, asDelegate({ entry: delegates }))).toMatchObject({ status: 'UPDATED' })
    expect(clear(undefined, asDelegate({ entry: delegates }))).toBe('CLEARED')
  })

  test("ENT-7 the owner's own value only with its version", () => {
    const situation = asDelegate({ entry: ownersCount })
    const expected = { code: 'CONFLICT', reason: 'OWNER_VALUE_PROTECTED', currentVersion: 3 }
    expect(record({ count: '6' }, situation)).toEqual(expected)
    expect(record({ incrementBy: '1' }, situation)).toEqual(expected)
    expect(record({ notes: 'mine' }, situation)).toEqual(expected)
    expect(clear(undefined, situation)).toBe('OWNER_VALUE_PROTECTED')
    expect(record({ count: '6', expectedVersion: 3 }, situation)).toMatchObject({ status: 'UPDATED' })
    expect(clear(3, situation)).toBe('CLEARED')
  })

  test('ENT-7 what would change nothing overwrites nothing', () => {
    expect(record({ count: '5' }, asDelegate({ entry: ownersCount }))).toMatchObject({ status: 'UNCHANGED' })
  })

  test('SHA-7 who may only read is FORBIDDEN to record and to clear', () => {
    const reader = asDelegate({ mayWrite: false, entry: delegates })
    expect(record({ count: '1' }, reader)).toEqual({ code: 'FORBIDDEN' })
    expect(decideClear({ ...place, date: '2026-11-20' }, reader)).toMatchObject({ refusal: { code: 'FORBIDDEN' } })
  })

  test.each(['mine', null])('SHA-6 who may not read notes may not send %j', (notes) => {
    const expected = { code: 'FORBIDDEN', reason: 'NOTES_NOT_SHARED', field: 'notes' }
    expect(record({ count: '1', notes }, asDelegate({ sharesNotes: false }))).toEqual(expected)
  })

  test('SHA-6 who may not read notes keeps those that are there', () => {
    const situation = asDelegate({ sharesNotes: false, entry: delegates })
    expect(record({ count: '6' }, situation)).toMatchObject({ status: 'UPDATED', notes: 'after dawn' })
  })
})

describe('ENT-8 expectedVersion', () => {
  test('ENT-8 another one than the current is STALE_VERSION, which says the current', () => {
    const stale = { code: 'CONFLICT', reason: 'STALE_VERSION', field: 'expectedVersion' }
    expect(record({ count: '6', expectedVersion: 2 }, counted({ entry: ownersCount }))).toEqual({
      ...stale,
      currentVersion: 3,
    })
    expect(record({ count: '5', expectedVersion: 2 }, counted({ entry: ownersCount }))).toEqual({
      ...stale,
      currentVersion: 3,
    })
    expect(record({ count: '6', expectedVersion: 3 }, counted({ entry: ownersCount }))).toMatchObject({
      status: 'UPDATED',
    })
    expect(clear(2, counted({ entry: ownersCount }))).toBe('STALE_VERSION')
  })

  test('ENT-8 0 means that there must be none yet', () => {
    expect(record({ count: '6', expectedVersion: 0 }, counted())).toMatchObject({ status: 'CREATED' })
    expect(record({ count: '6', expectedVersion: 0 }, counted({ entry: ownersCount }))).toMatchObject({
      currentVersion: 3,
    })
    expect(record({ count: '6', expectedVersion: 1 }, counted())).toMatchObject({
      reason: 'STALE_VERSION',
      currentVersion: 0,
    })
  })

  test('ENT-8 absent, the last write wins', () => {
    expect(record({ count: '6' }, counted({ entry: ownersCount }))).toMatchObject({ status: 'UPDATED' })
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

import { describe, expect, test } from '@jest/globals'
import { decideClear, type StoredEntry } from '../../../src/domains/entries/rules.ts'
import { asDelegate, clear, counted, ownersCount, place, record } from './situations.ts'

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

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import Big from 'big.js'
import fc from 'fast-check'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedIdOf, deedsWorld, refusalOf } from '../../support/deeds.ts'
import { createDeed, createdDeed, scale } from './deed-requests.ts'

let world: DeedsWorld
let leila: Viewer
let count = 0
beforeAll(async () => {
  world = await deedsWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newPerson(`leila-${count}`)
})

const created = (input: object, as = leila) => createdDeed(world, as, input)

test('SCA-4 createDeed with measure SCALE carries version 1', async () => {
  const deed = await created({ name: 'Prayer', measure: 'SCALE', scale })
  expect(deed.scales).toEqual([{ versionNumber: 1 }])
  expect(deed.scale).toMatchObject({
    versionNumber: 1,
    isLocked: false,
    values: [
      { name: 'missed', order: 1, score: null, normalizedScore: '0' },
      { name: 'late', order: 2, normalizedScore: '0.5' },
      { name: 'on time', order: 3, normalizedScore: '1', color: '#00aa00' },
    ],
  })
  expect(new Set(deed.scale.values.map((value: { lineageKey: string }) => value.lineageKey)).size).toBe(3)
  expect(refusalOf(await createDeed(world, leila, { name: 'None', measure: 'SCALE' }))).toEqual({
    code: 'BAD_USER_INPUT',
    reason: 'EMPTY_LIST',
    field: 'input.scale',
  })
})

test('SCA-1 version 1 has no lower bound, and one version is in effect on every day', async () => {
  const deed = await created({ name: 'Prayer', measure: 'SCALE', scale })
  expect(deed.scale).toMatchObject({ effectiveFrom: null, effectiveTo: null })
  // A second version, as publishing will make it.
  const key = [leila.userId, deedIdOf(deed.id)]
  await world.sql('begin')
  await world.sql(
    `update scales set effective = daterange(null, '2026-02-01') where user_id = $1 and deed_id = $2`,
    key,
  )
  await world.sql(
    `insert into scales (user_id, deed_id, version_number, effective) values ($1, $2, 2, '[2026-02-01,)')`,
    key,
  )
  await world.sql('commit')
  const loaders = world.loadersOf(leila)
  const on = (day: string | null) =>
    loaders.scaleOnDay.load({ ownerId: leila.userId, deedId: deedIdOf(deed.id), on: day })
  const days = ['1900-01-01', '2026-01-31', '2026-02-01', '2100-01-01', null]
  const versions = await Promise.all(days.map(on))
  expect(versions.map((version) => version?.versionNumber)).toEqual([1, 1, 2, 2, expect.any(Number)])
  expect(versions[1]).toMatchObject({ effectiveFrom: null, effectiveTo: '2026-01-31' })
  expect(versions[2]).toMatchObject({ effectiveFrom: '2026-02-01', effectiveTo: null })
  // Five days of one deed are one statement.
  expect(loaders.flights.map((flight) => flight.statements)).toEqual([1])
})

test.each([
  [[null], ['1']],
  [
    [null, null],
    ['0', '1'],
  ],
  [
    [null, null, null],
    ['0', '0.5', '1'],
  ],
  [
    [null, null, null, null],
    ['0', '0.333333', '0.666667', '1'],
  ],
  [
    ['0.25', '0', '1'],
    ['0.25', '0', '1'],
  ],
  [['0.125'], ['0.125']],
])('SCA-3 values scored %j are normalized to %j', async (scores, normalized) => {
  const deed = await created({
    name: 'Scored',
    measure: 'SCALE',
    scale: scores.map((score, place) => ({ name: `v${place}`, score })),
  })
  expect(deed.scale.values.map((value: { normalizedScore: string }) => value.normalizedScore)).toEqual(normalized)
})

test('SCA-3 a normalized score is the score, else (rank - 1) / (n - 1), 1 when there is one value alone', async () => {
  const thousandths = fc.integer({ min: 0, max: 1_000 }).map((score) => Big(score).div(1_000).toFixed())
  const scores = fc.oneof(
    fc.array(thousandths, { minLength: 1, maxLength: 50 }),
    fc.integer({ min: 1, max: 50 }).map((n) => Array<null>(n).fill(null)),
  )
  await fc.assert(
    fc.asyncProperty(scores, async (given) => {
      const owner = await world.newPerson(crypto.randomUUID())
      const deed = await created(
        { name: 'Scored', measure: 'SCALE', scale: given.map((score, place) => ({ name: `v${place}`, score })) },
        owner,
      )
      const expected = given.map(
        (score, place) =>
          score ??
          (given.length === 1
            ? '1'
            : Big(place)
                .div(given.length - 1)
                .round(6)
                .toFixed()),
      )
      const normalized = deed.scale.values.map((value: { normalizedScore: string }) => value.normalizedScore)
      expect(normalized.map((score: string) => Big(score).toFixed())).toEqual(
        expected.map((score) => Big(score).toFixed()),
      )
    }),
    { numRuns: 15 },
  )
})

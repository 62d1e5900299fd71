import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { startService, type TestService } from '../../support/service.ts'
import { type Book, newBook } from '../progress/book.ts'
import { extensionsOf, recordValue, two } from './scale-requests.ts'

let service: TestService
let book: Book
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())
beforeEach(async () => {
  book = await newBook(service, { measure: 'SCALE' })
})

const UPDATE = /* GraphQL */ `
  mutation Update($input: UpdateScaleValueInput!) {
    updateScaleValue(input: $input) { scaleValue { name color } scale { values { name normalizedScore } } }
  }`

const update = (name: string, over: object) => book.ask(UPDATE, { input: { scaleValueId: book.values[name], ...over } })
const record = (scaleValueId: string | undefined) => recordValue(book, scaleValueId)

describe('a value', () => {
  test('SCA-1 is renamed and recoloured even when its version has entries', async () => {
    await record(book.values.late)
    const change = { name: 'a bit late', color: '#FFAA00' }
    expect((await update('late', change)).data.updateScaleValue.scaleValue).toEqual(change)
    const plain = (await update('late', { color: null })).data.updateScaleValue.scaleValue
    expect(plain).toEqual({ name: 'a bit late', color: null })
  })

  test('SCA-4 is retired, and taken back in, until its version has entries; the others are ranked anew', async () => {
    const without = (await update('late', { isRetired: true })).data.updateScaleValue
    expect(without).toEqual({
      scaleValue: null,
      scale: {
        values: [
          { name: 'missed', normalizedScore: '0' },
          { name: 'on time', normalizedScore: '1' },
        ],
      },
    })
    expect(extensionsOf(await record(book.values.late))).toMatchObject({ code: 'CONFLICT' })
    const back = (await update('late', { isRetired: false })).data.updateScaleValue
    expect(back.scale.values[1]).toEqual({ name: 'late', normalizedScore: '0.5' })
    await record(book.values.missed)
    expect(extensionsOf(await update('late', { isRetired: true }))).toEqual({
      code: 'CONFLICT',
      reason: 'SCALE_IN_USE',
    })
  })

  test('SCA-4 the last one of a version stays', async () => {
    await update('late', { isRetired: true })
    await update('missed', { isRetired: true })
    expect(extensionsOf(await update('on time', { isRetired: true }))).toEqual({
      code: 'CONFLICT',
      reason: 'EMPTY_LIST',
      field: 'input.isRetired',
    })
  })

  test('has a name of its own in its version, unless it is retired', async () => {
    const taken = { code: 'CONFLICT', reason: 'DUPLICATE_NAME', field: 'input.name' }
    expect(extensionsOf(await update('late', { name: 'ON TIME' }))).toEqual(taken)
    await update('late', { isRetired: true, name: 'on time' })
    expect(extensionsOf(await update('late', { isRetired: false }))).toEqual(taken)
    expect((await update('late', { isRetired: false, name: 'late' })).errors).toBeUndefined()
  })

  test('is changed by its owner alone, and not once its deed is counted or deleted', async () => {
    const other = await newBook(service, { measure: 'SCALE' })
    const nobody = { code: 'NOT_FOUND' }
    const input = { scaleValueId: book.values.late, name: 'x' }
    expect(extensionsOf(await other.ask(UPDATE, { input }))).toMatchObject(nobody)
    const measure = 'mutation Measure($id: ID!) { updateDeed(input: { deedId: $id, measure: COUNT }) { deed { id } } }'
    expect((await book.ask(measure, { id: book.deedId })).errors).toBeUndefined()
    expect(extensionsOf(await update('late', { name: 'x' }))).toMatchObject(nobody)
  })

  test('that was retired with its scale finds another in its place', async () => {
    const measure = 'mutation Measure($input: UpdateDeedInput!) { updateDeed(input: $input) { deed { id } } }'
    await book.ask(measure, { input: { deedId: book.deedId, measure: 'COUNT' } })
    await book.ask(measure, { input: { deedId: book.deedId, measure: 'SCALE', scale: two } })
    const late = { code: 'CONFLICT', reason: 'CONTRADICTORY', field: 'input.isRetired' }
    expect(extensionsOf(await update('missed', { isRetired: false }))).toEqual(late)
  })
})

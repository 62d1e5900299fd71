import { expect } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import type { Book } from '../progress/book.ts'

/** Publishes a version of a scale. */
export const PUBLISH = /* GraphQL */ `
  mutation Publish($input: PublishScaleInput!) {
    publishScale(input: $input) {
      scale { versionNumber effectiveFrom effectiveTo isLocked values { id name order score normalizedScore color lineageKey } }
      deed { scales { versionNumber effectiveFrom effectiveTo values { name lineageKey } } }
    }
  }`
const RECORD = /* GraphQL */ `
  mutation Record($input: RecordEntryInput!) { recordEntry(input: $input) { entry { scaleValue { id name } } } }`

/** Asks for a version of the scale of the book's deed. */
export const publishScale = (book: Book, values: object[], over: object = {}) =>
  book.ask(PUBLISH, { input: { deedId: book.deedId, values, ...over } })

/** Records a value for an item of the book, `day` days after its today. */
export const recordValue = (book: Book, scaleValueId: string | undefined, day = 0, item = 'Page') =>
  book.ask(RECORD, { input: { itemId: book.items[item], date: addDays(book.today, day), scaleValueId } })

/** Values for a version, which continue no earlier ones. */
export const two = [{ name: 'no' }, { name: 'yes' }]

/** What the only error says; an answer without one fails the test. */
export function extensionsOf({ errors }: Awaited<ReturnType<Book['ask']>>) {
  expect(errors).toHaveLength(1)
  return errors?.[0]?.extensions
}

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import { keptFields } from '../src/kept-fields.ts'
import { unlisted } from '../src/platform/graphql/kept/kept-fields.ts'

const text = readFileSync('schema.graphql', 'utf8')

test('every type, and every field of a type that is kept, is listed as kept or as left out', () => {
  // One that is missing belongs into src/kept-fields.ts: under `left` or `leftTypes`, unless only the owner's own changes change it.
  expect(unlisted(buildSchema(text), keptFields)).toEqual([])
})

test('a type or field that is new stands on no list', () => {
  const more = `${text}
    type Novelty { id: ID! }
    extend type User { novelty: Novelty }`
  expect(unlisted(buildSchema(more), keptFields)).toEqual(expect.arrayContaining(['Novelty', 'User.novelty']))
})

test('what stands on two lists, or is none of the schema’s, is told', () => {
  const types = { ...keptFields.types, Gone: '*' as const, User: { kept: 'id today', left: 'id relation' } }
  const leftTypes = `${keptFields.leftTypes} Deed`
  expect(unlisted(buildSchema(text), { ...keptFields, types, leftTypes })).toEqual(
    expect.arrayContaining(['Deed', 'Gone', 'User.id', 'User.username', 'User.deeds']),
  )
})

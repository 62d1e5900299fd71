import { expect, test } from '@jest/globals'
import { getOperationAST, parse, validate } from 'graphql'
import { costOf } from '../../../src/platform/graphql/cost.ts'
import { demandsOf } from '../../../src/platform/graphql/document-demands.ts'
import { defaultLimits, type Limits } from '../../../src/platform/graphql/limits.ts'
import { makeSchema, readSchemaText } from '../../../src/platform/graphql/schema.ts'
import { loadReadyQueries } from '../../../src/platform/http/explorer/ready-queries.ts'

const { schema, rules } = makeSchema(readSchemaText(), [])
const { all, page } = loadReadyQueries('src/ready-queries')
const { depth, aliases, rootFields, directives, cost } = defaultLimits
const half: Limits = {
  ...defaultLimits,
  depth: depth / 2,
  aliases: Math.floor(aliases / 2),
  rootFields: rootFields / 2,
  directives: directives / 2,
}

const documents = [...all, page.signedIn, page.surveys].map(({ title, document }) => [title, document])

test.each(documents)('%s needs at most half of what is allowed', (_, text = '') => {
  const document = parse(text, { maxTokens: defaultLimits.tokens / 2 })
  expect(validate(schema, document)).toEqual([])
  const operation = getOperationAST(document)
  if (!operation) throw new Error('There is no operation in it.')
  const demands = demandsOf(schema, rules, document, operation, half)
  expect(costOf(demands.cost, {})).toBeLessThanOrEqual(cost / 2)
})

test('a year of days by category passes', () => {
  const document = parse(
    'query ($r: DateRange) { me { user { dashboard(range: $r) { series { points { date } } } } } }',
  )
  const operation = getOperationAST(document)
  if (!operation) throw new Error('There is no operation in it.')
  const demands = demandsOf(schema, rules, document, operation, defaultLimits)
  expect(costOf(demands.cost, { r: { from: '2024-01-01', to: '2024-12-31' } })).toBeLessThanOrEqual(cost)
})

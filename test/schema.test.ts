import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import {
  buildSchema,
  type GraphQLNamedType,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
} from 'graphql'

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
)

/** Whatever a schema describes: a type, a field, an argument, a value. */
interface Described {
  readonly place: string
  readonly description: string
  readonly type?: GraphQLType
  readonly directives: readonly string[]
  readonly deprecated: boolean
}

interface Element {
  readonly description?: string | null | undefined
  readonly type?: GraphQLType
  readonly deprecationReason?: string | null | undefined
  readonly astNode?: unknown
}

function described(place: string, element: Element): Described {
  const { directives = [] } = (element.astNode ?? {}) as { directives?: { name: { value: string } }[] }
  return {
    place,
    description: element.description ?? '',
    ...(element.type && { type: element.type }),
    directives: directives.map(({ name }) => name.value),
    deprecated: element.deprecationReason != null,
  }
}

/** Fields of objects and interfaces, with their type's name. */
const fields = types.flatMap((type) =>
  isObjectType(type) || isInterfaceType(type)
    ? Object.values(type.getFields()).map((field) => ({
        ...described(`${type.name}.${field.name}`, field),
        of: type,
        field,
      }))
    : [],
)
const fieldArguments = fields.flatMap(({ place, field }) =>
  field.args.map((arg) => described(`${place}(${arg.name})`, arg)),
)
const inputs = types.flatMap((type) =>
  isInputObjectType(type)
    ? Object.values(type.getFields()).map((field) => described(`${type.name}.${field.name}`, field))
    : [],
)
const values = types.flatMap((type) =>
  isEnumType(type) ? type.getValues().map((value) => described(`${type.name}.${value.name}`, value)) : [],
)
const directives = schema.getDirectives().filter((directive) => !isSpecifiedDirective(directive))
const everything: Described[] = [
  ...types.map((type) => described(type.name, type)),
  ...fields,
  ...fieldArguments,
  ...inputs,
  ...values,
  ...directives.map((directive) => described(`@${directive.name}`, directive)),
]

const places = (found: readonly Described[]) => found.map(({ place, description }) => `${place}: ${description}`)
const isList = (type: GraphQLType | undefined): boolean =>
  isNonNullType(type) ? isList(type.ofType) : isListType(type)
const isPage = (type: GraphQLNamedType) => type.name.endsWith('Connection')

test('every type, field, argument, input field, enum value and directive says what it is', () => {
  expect(everything.length).toBeGreaterThan(500)
  expect(places(everything.filter(({ description }) => description.trim().length < 3))).toEqual([])
})

test('every description is a sentence, and names nothing that is still to come', () => {
  const wrong = everything.filter(
    ({ description }) => !/[.!?]$/.test(description.trim()) || /\b(TODO|TBD|FIXME)\b/.test(description),
  )
  expect(places(wrong)).toEqual([])
})

test('every list says how long it may be', () => {
  const lists = [...fields, ...fieldArguments, ...inputs].filter(({ type }) => isList(type))
  expect(lists.length).toBeGreaterThan(30)
  expect(places(lists.filter(({ description }) => !/\d|as many as/.test(description)))).toEqual([])
})

// What counts something says what, or between which numbers it lies.
const units =
  /\d|\b(days?|entries|unit|bytes|points?|minutes|seconds|tokens|fields|aliases|directives|rows|items|matches|nesting|cost|version|megabytes|metres)\b/i
const numbers = new Set(['Int', 'Float', 'Decimal'])

test('every number says its unit, or its range', () => {
  const counted = [...fields, ...fieldArguments, ...inputs].filter(
    ({ type }) => type !== undefined && numbers.has(getNamedType(type).name),
  )
  expect(counted.length).toBeGreaterThan(60)
  expect(places(counted.filter(({ description }) => !units.test(description)))).toEqual([])
})

test('every root field says who may ask it', () => {
  const roots = fields.filter(({ of }) => of === schema.getQueryType() || of === schema.getMutationType())
  expect(roots.length).toBeGreaterThan(20)
  const open = roots.filter(
    ({ directives: named }) => named.filter((name) => /^(requires|public)$/.test(name)).length !== 1,
  )
  expect(places(open)).toEqual([])
})

test('every list without `first` says for how many its cost is reckoned', () => {
  const lists = fields.filter(
    ({ of, type, field }) => isList(type) && !isPage(of) && !field.args.some(({ name }) => name === 'first'),
  )
  expect(lists.length).toBeGreaterThan(20)
  expect(places(lists.filter(({ directives: named }) => !named.includes('listSize')))).toEqual([])
})

test('every page is asked for by `first` and `after`', () => {
  const paged = fields.filter(({ type }) => type !== undefined && isPage(getNamedType(type)))
  const wrong = paged.filter(({ field }) =>
    ['first', 'after'].some((name) => !field.args.some((arg) => arg.name === name)),
  )
  expect(paged.length).toBeGreaterThan(5)
  expect(places(wrong)).toEqual([])
})

test('every type of an object’s data needs a scope to be read', () => {
  const nodes = types.filter((type) => isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node'))
  const open = nodes.filter((type) => !described(type.name, type).directives.includes('scope'))
  expect(nodes.length).toBeGreaterThan(10)
  expect(open.map(({ name }) => name)).toEqual([])
})

test('nothing is deprecated', () => {
  expect(places(everything.filter(({ deprecated }) => deprecated))).toEqual([])
})

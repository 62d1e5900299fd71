import fc from 'fast-check'
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'

/** A query and its variables. */
export interface RandomDocument {
  readonly query: string
  readonly variables: Record<string, unknown>
}

export interface RandomDocumentOptions {
  /** Root fields that are asked. */
  readonly roots: readonly string[]
  /** Ids that name something, by the type that `node` gives for them. */
  readonly ids: readonly string[]
  readonly depth: number
}

/** How often a draw of 1..100 says yes. */
type Chance = (percent: number) => boolean

interface Writing {
  readonly schema: GraphQLSchema
  readonly options: RandomDocumentOptions
  readonly pick: <Value>(values: readonly Value[]) => Value
  readonly chance: Chance
  readonly definitions: string[]
  readonly variables: Record<string, unknown>
  readonly fragments: string[]
  names: number
}

/** Documents over the whole schema that are valid but for a few: fragments, directives, literals, variables given, null or absent. */
export function randomDocuments(schema: GraphQLSchema, options: RandomDocumentOptions): fc.Arbitrary<RandomDocument> {
  return fc.gen().map((draw) => {
    const pick = <Value>(values: readonly Value[]) => values[draw(fc.nat, { max: values.length - 1 })] as Value
    const chance: Chance = (percent) => draw(fc.integer, { min: 1, max: 100 }) <= percent
    const writing: Writing = { schema, options, pick, chance, definitions: [], variables: {}, fragments: [], names: 0 }
    const root = schema.getQueryType()
    if (!root) throw new Error('A schema without queries.')
    const fields = Array.from({ length: chance(20) ? 2 : 1 }, () => pick(options.roots))
    const body = fields.map((name) => fieldText(writing, root.getFields()[name] as never, options.depth)).join(' ')
    const head = writing.definitions.length > 0 ? `(${writing.definitions.join(', ')})` : ''
    return { query: `query Random${head} { ${body} }\n${writing.fragments.join('\n')}`, variables: writing.variables }
  })
}

function fieldText(writing: Writing, field: GraphQLField<unknown, unknown>, depth: number): string {
  const given = field.args.flatMap((argument) => argumentText(writing, argument))
  const alias = given.length > 0 || writing.chance(20) ? `${nextName(writing, 'a')}: ` : ''
  const type = getNamedType(field.type)
  const below = isCompositeType(type) ? ` { ${selections(writing, type, depth - 1)} }` : ''
  return `${alias}${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''}${directive(writing)}${below}`
}

function selections(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const fields = 'getFields' in type ? Object.values(type.getFields()) : []
  const usable = fields.filter((field) => depth > 0 || !isCompositeType(getNamedType(field.type)))
  const count = Math.min(usable.length, writing.pick([1, 2, 3, 4]))
  const chosen = Array.from({ length: count }, () => writing.pick(usable))
  const texts = [...new Set(chosen)].map((field) => fieldText(writing, field, depth))
  if (texts.length === 0 || writing.chance(15)) texts.push('__typename')
  if (!isObjectType(type))
    for (const each of writing.schema.getPossibleTypes(type))
      if (writing.chance(40))
        texts.push(`... on ${each.name}${directive(writing)} { ${selections(writing, each, depth)} }`)
  return writing.chance(15) ? inFragment(writing, type, texts.join(' ')) : texts.join(' ')
}

function inFragment(writing: Writing, type: GraphQLCompositeType, text: string): string {
  const name = nextName(writing, 'Part')
  writing.fragments.push(`fragment ${name} on ${type.name} { ${text} }`)
  return `...${name}${directive(writing)}`
}

function directive(writing: Writing): string {
  if (!writing.chance(8)) return ''
  const name = writing.pick(['skip', 'include'])
  if (writing.chance(40)) return ` @${name}(if: ${writing.pick(['true', 'false'])})`
  const variable = nextName(writing, 'when')
  writing.definitions.push(`$${variable}: Boolean! = ${writing.pick(['true', 'false'])}`)
  if (writing.chance(60)) writing.variables[variable] = writing.chance(50)
  return ` @${name}(if: $${variable})`
}

function argumentText(writing: Writing, argument: GraphQLArgument): string[] {
  const isRequired = isNonNullType(argument.type) && argument.defaultValue === undefined
  if (!isRequired && writing.chance(50)) return []
  if (writing.chance(50)) return [`${argument.name}: ${literal(writing, argument.type, 3)}`]
  return [`${argument.name}: ${variable(writing, argument.type, isRequired)}`]
}

function variable(writing: Writing, type: GraphQLInputType, isRequired: boolean): string {
  const name = nextName(writing, 'v')
  writing.definitions.push(`$${name}: ${type}`)
  if (isRequired || isNonNullType(type) || writing.chance(60)) writing.variables[name] = value(writing, type, 3)
  else if (writing.chance(50)) writing.variables[name] = null
  return `$${name}`
}

function nextName(writing: Writing, prefix: string): string {
  writing.names += 1
  return `${prefix}${writing.names}`
}

/** Text in the document, with variables in it here and there. */
function literal(writing: Writing, type: GraphQLInputType, depth: number): string {
  if (!isNonNullType(type) && writing.chance(8)) return 'null'
  if (depth < 3 && writing.chance(15)) return variable(writing, type, false)
  const inner = getNullableType(type)
  if (isListType(inner))
    return `[${some(writing)
      .map(() => literal(writing, inner.ofType, depth - 1))
      .join(', ')}]`
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields()).filter(
      (field) => isNonNullType(field.type) || (depth > 0 && writing.chance(35)),
    )
    return `{ ${fields.map((field) => `${field.name}: ${literal(writing, field.type, depth - 1)}`).join(', ')} }`
  }
  const leaf = leafValue(writing, inner)
  return isEnumType(inner) ? String(leaf) : JSON.stringify(leaf)
}

/** The same as a variable's value. */
function value(writing: Writing, type: GraphQLInputType, depth: number): unknown {
  if (!isNonNullType(type) && writing.chance(8)) return null
  const inner = getNullableType(type)
  if (isListType(inner)) return some(writing).map(() => value(writing, inner.ofType, depth - 1))
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields()).filter(
      (field) => isNonNullType(field.type) || (depth > 0 && writing.chance(35)),
    )
    return Object.fromEntries(fields.map((field) => [field.name, value(writing, field.type, depth - 1)]))
  }
  return leafValue(writing, inner)
}

function some(writing: Writing): number[] {
  return Array.from({ length: writing.pick([0, 1, 1, 2]) }, (_, index) => index)
}

function leafValue({ pick, options }: Writing, type: GraphQLInputType): unknown {
  if (isEnumType(type)) return pick(type.getValues()).name
  const { name } = getNamedType(type)
  const today = new Date().toISOString()
  const values: Record<string, readonly unknown[]> = {
    ID: [...options.ids, 'none of ours', ''],
    Int: [1, 2, 3, 4, 5, 7, 0, -1],
    Float: [1.5, 0],
    Boolean: [true, false],
    String: [
      'prayer',
      '',
      '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d(globalThis.broken=1)',
      'Fajr "quoted" \\ `x` $y',
    ],
    Date: [today.slice(0, 10), today.slice(0, 10), '2026-01-31', '2026-02-28', '2026-02-30', '1899-01-01'],
    Decimal: ['1', '0.5', '2', '1.2345'],
    DateTime: [today, '2026-01-01T00:00:00Z', 'yesterday'],
  }
  return pick(values[name] ?? ['x'])
}

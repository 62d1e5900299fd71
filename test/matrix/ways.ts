// How an object of each type is reached: by the id of an instance, else through the field of a type that is reached.
import {
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql'

export interface Way {
  /** The type that is asked by id, or `Query`. */
  readonly from: string
  /** Fields from there, with their arguments; of a union, with the type that is meant: `result ... on AreaResult`. */
  readonly fields: readonly string[]
}

const ofUnion = ' ... on '

/** Arguments that a field needs, or with which it tells more. */
export type Arguments = Readonly<Record<string, string>>

/** Types that only mutations answer with have no way. */
export function waysTo(
  schema: GraphQLSchema,
  instances: readonly string[],
  given: Arguments,
  avoided: readonly string[],
) {
  const ways = new Map<string, Way>(instances.map((type) => [type, { from: type, fields: [] }]))
  const waiting = [...instances, 'Query']
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const way = ways.get(name) ?? { from: 'Query', fields: [] }
    for (const field of Object.values((schema.getType(name) as GraphQLObjectType).getFields())) {
      const place = `${name}.${field.name}`
      if (avoided.includes(place) || (field.args.some(isRequiredArgument) && given[place] === undefined)) continue
      for (const [type, meant] of objectTypesOf(getNamedType(field.type))) {
        if (ways.has(type)) continue
        ways.set(type, { from: way.from, fields: [...way.fields, field.name + (given[place] ?? '') + meant] })
        // The roots come last: what an instance leads to is asked of that instance.
        waiting.splice(waiting.includes('Query') ? waiting.length - 1 : waiting.length, 0, type)
      }
    }
  }
  return ways
}

function objectTypesOf(type: GraphQLNamedType): [name: string, meant: string][] {
  if (isUnionType(type)) return type.getTypes().map(({ name }) => [name, ofUnion + name])
  return isObjectType(type) ? [[type.name, '']] : []
}

/** A document that asks for every field of a type, of all its instances. */
export function documentFor(type: GraphQLObjectType, way: Way, ids: readonly string[], given: Arguments): string {
  const fields = Object.values(type.getFields()).filter(
    (field) => given[`${type.name}.${field.name}`] !== undefined || !field.args.some(isRequiredArgument),
  )
  const asked = fields.map((field) => {
    const isLeaf = isLeafType(getNamedType(field.type))
    return `${field.name}${given[`${type.name}.${field.name}`] ?? ''}${isLeaf ? '' : ' { __typename }'}`
  })
  const inner = way.fields.reduceRight(
    (selection, step) => {
      const [field, type] = step.split(ofUnion)
      return `{ at: ${field} ${type === undefined ? selection : `{ ${ofUnion}${type} ${selection} }`} }`
    },
    `{ ${asked.join(' ')} }`,
  )
  if (way.from === 'Query') return inner
  return `{ ${ids.map((id, n) => `i${n}: node(id: "${id}") { ... on ${way.from} ${inner} }`).join(' ')} }`
}

/** The objects at the end of the way, in an answer. */
export function objectsIn(data: unknown, way: Way): Record<string, unknown>[] {
  const roots = way.from === 'Query' ? [data] : Object.values((data ?? {}) as object)
  const down = (values: unknown[]): unknown[] => values.flat().filter((value) => value !== null && value !== undefined)
  const ends = way.fields.reduce((values) => down(values.map((value) => (value as { at: unknown }).at)), down(roots))
  return ends as Record<string, unknown>[]
}

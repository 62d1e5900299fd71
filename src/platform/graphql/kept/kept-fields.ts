import type { GraphQLSchema } from 'graphql'
import { isObjectType } from 'graphql'

/** The fields of a type whose answers may be kept, and all others; `*`: all that it has. Names separated by spaces. */
export interface FieldsOfType {
  readonly kept: string
  readonly left?: string
}

/** What may be kept. A field that is not listed as kept is in no kept answer. */
export interface KeptFields {
  readonly types: Readonly<Record<string, FieldsOfType | '*'>>
  /** Types that are not kept at all, for the test that none was forgotten. */
  readonly leftTypes: string
  /** Types of which each object is work, however short its answer. */
  readonly worthKeeping: string
  /** Types that seldom change: an answer that has no others is kept longer. */
  readonly seldomChanged: string
}

/** Whether a field of an object type may be part of an answer that is kept. */
export function keptFieldsOf({ types }: KeptFields): (type: string, field: string) => boolean {
  const listed = new Map(
    Object.entries(types).map(([type, fields]) => [type, fields === '*' ? null : new Set(fields.kept.split(' '))]),
  )
  return (type, field) => {
    const fields = listed.get(type)
    return fields !== undefined && (fields === null || fields.has(field) || field === '__typename')
  }
}

/** The types, and the fields of kept types, that stand on no list, on two, or that there are not. No query leads to a payload. */
export function unlisted(
  schema: GraphQLSchema,
  { types, leftTypes, worthKeeping, seldomChanged }: KeptFields,
): string[] {
  const left = new Set(leftTypes.split(' '))
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const objects = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && !/^__|Payload$/.test(type.name) && !roots.includes(type),
  )
  const names = new Set(objects.map(({ name }) => name))
  const wrongTypes = [
    ...[...names].filter((name) => left.has(name) === name in types),
    ...[...left, ...Object.keys(types), ...worthKeeping.split(' '), ...seldomChanged.split(' ')].filter(
      (name) => !names.has(name),
    ),
  ]
  const wrongFields = Object.entries(types).flatMap(([type, fields]) => {
    const found = schema.getType(type)
    if (fields === '*' || !isObjectType(found)) return []
    const named = [...fields.kept.split(' '), ...(fields.left?.split(' ') ?? [])]
    const there = Object.keys(found.getFields())
    const wrong = [
      ...there.filter((name) => named.filter((each) => each === name).length !== 1),
      ...named.filter((name) => !there.includes(name)),
    ]
    return wrong.map((name) => `${type}.${name}`)
  })
  return [...new Set([...wrongTypes, ...wrongFields])]
}

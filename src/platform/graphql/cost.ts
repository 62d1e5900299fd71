import {
  type FieldNode,
  type GraphQLInputType,
  getNullableType,
  isInputObjectType,
  isListType,
  Kind,
  type ValueNode,
} from 'graphql'

export type Variables = Readonly<Record<string, unknown>>

/** How long a list will be, once the variables are known. */
export type Size = number | ((variables: Variables) => number)

/** The points of a selection: what is fixed, and what depends on variables. */
export interface Cost {
  readonly points: number
  readonly lists: readonly { readonly size: (variables: Variables) => number; readonly each: Cost }[]
}

export const free: Cost = { points: 0, lists: [] }

export function sum(costs: readonly Cost[]): Cost {
  if (costs.length === 1) return costs[0] ?? free
  return { points: costs.reduce((points, cost) => points + cost.points, 0), lists: costs.flatMap((cost) => cost.lists) }
}

/** The cost of `size` objects that cost `each`. What does not depend on variables is worked out here, once per document. */
export function times(size: Size, each: Cost): Cost {
  if (typeof size === 'function') return { points: 0, lists: [{ size, each }] }
  const lists = each.lists.map((list) => ({ size: list.size, each: times(size, list.each) }))
  return { points: size * each.points, lists }
}

/** Points of a document with these variables. */
export function costOf(cost: Cost, variables: Variables): number {
  let points = cost.points
  for (const list of cost.lists) points += list.size(variables) * costOf(list.each, variables)
  return points
}

export function argument(field: FieldNode, name: string): ValueNode | undefined {
  return field.arguments?.find((given) => given.name.value === name)?.value
}

/** The number that `first` will be; `otherwise` when it is left out or null. What is no number is refused by execution. */
export function pageSize(first: ValueNode | undefined, otherwise: number, defaults: Variables): Size {
  if (first?.kind === Kind.INT) return atLeastNone(Number(first.value))
  if (first?.kind !== Kind.VARIABLE) return otherwise
  const name = first.name.value
  return (variables) => atLeastNone(given(variables, defaults, name), otherwise)
}

function atLeastNone(size: unknown, otherwise = 0): number {
  return typeof size === 'number' && !Number.isNaN(size) ? Math.max(0, size) : otherwise
}

function given(variables: Variables, defaults: Variables, name: string): unknown {
  return Object.hasOwn(variables, name) ? variables[name] : defaults[name]
}

/** How many values a list argument will hold. */
export function listLength(list: ValueNode, defaults: Variables): Size {
  if (list.kind === Kind.LIST) return list.values.length
  if (list.kind !== Kind.VARIABLE) return 1
  const name = list.name.value
  return (variables) => {
    const value = given(variables, defaults, name)
    return Array.isArray(value) ? value.length : 1
  }
}

/** Values of all lists in an argument, at any depth: the rows of a bulk input. What a scalar holds, JSON or a shape, is one value. */
export function rowsIn(value: ValueNode, type: GraphQLInputType, defaults: Variables): Size[] {
  if (value.kind === Kind.VARIABLE) {
    const name = value.name.value
    return [(variables) => rowsOf(given(variables, defaults, name), type)]
  }
  const wanted = getNullableType(type)
  if (isListType(wanted) && value.kind === Kind.LIST)
    return [value.values.length, ...value.values.flatMap((item) => rowsIn(item, wanted.ofType, defaults))]
  if (isListType(wanted)) return rowsIn(value, wanted.ofType, defaults)
  if (!isInputObjectType(wanted) || value.kind !== Kind.OBJECT) return []
  const fields = wanted.getFields()
  return value.fields.flatMap(({ name, value: inner }) => {
    const field = fields[name.value]
    return field ? rowsIn(inner, field.type, defaults) : []
  })
}

function rowsOf(value: unknown, type: GraphQLInputType): number {
  const wanted = getNullableType(type)
  if (isListType(wanted) && Array.isArray(value))
    return value.reduce<number>((rows, item) => rows + rowsOf(item, wanted.ofType), value.length)
  if (isListType(wanted)) return rowsOf(value, wanted.ofType)
  if (!isInputObjectType(wanted) || typeof value !== 'object' || value === null) return 0
  const given = value as Readonly<Record<string, unknown>>
  return Object.values(wanted.getFields()).reduce((rows, field) => rows + rowsOf(given[field.name], field.type), 0)
}

const daysOf: Record<string, number> = { DAY: 1, WEEK: 7, MONTH: 28 }
const dayMs = 86_400_000

/**
 * One for each day, week or month (`every`) of a `range: { from, to }`; `assumed` when there is no range, or none that can
 * be read.
 */
export function periods(
  range: ValueNode | undefined,
  every: ValueNode | undefined,
  assumed: number,
  defaults: Variables,
): Size {
  if (!range || range.kind === Kind.NULL) return assumed
  return (variables) => {
    const { from, to } = Object(valueIn(range, variables, defaults)) as Record<string, unknown>
    const days = (Date.parse(String(to)) - Date.parse(String(from))) / dayMs + 1
    const unit = daysOf[String(every ? valueIn(every, variables, defaults) : 'DAY')] ?? 1
    return Number.isFinite(days) ? Math.ceil(Math.max(0, days) / unit) : assumed
  }
}

function valueIn(node: ValueNode, variables: Variables, defaults: Variables): unknown {
  if (node.kind === Kind.VARIABLE) return given(variables, defaults, node.name.value)
  if (node.kind === Kind.OBJECT)
    return Object.fromEntries(node.fields.map((field) => [field.name.value, valueIn(field.value, variables, defaults)]))
  return 'value' in node ? node.value : undefined
}

import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql'
import {
  argument,
  type Cost,
  free,
  listLength,
  pageSize,
  periods,
  rowsIn,
  type Size,
  sum,
  times,
  type Variables,
} from './cost.ts'
import { badUserInput, queryTooCostly } from './errors.ts'
import { introspectionCost, type Limits, mutationCost } from './limits.ts'
import type { SchemaRules } from './schema-rules.ts'

/** What an operation asks of its caller, all of it known before it runs. */
export interface Demands {
  readonly isMutation: boolean
  /** Nothing but public fields and introspection: no viewer is needed. */
  readonly isPublic: boolean
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly cost: Cost
}

interface Walk {
  readonly schema: GraphQLSchema
  readonly rules: SchemaRules
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** Of the operation's variables. */
  readonly defaults: Variables
  readonly isMutation: boolean
  readonly scopes: Set<string>
  readonly roles: Set<string>
  readonly counts: { selections: number; depth: number; aliases: number; rootFields: number; directives: number }
  introspections: number
  isPublic: boolean
}

/** Where the walk stands: what the fields above say about those below. */
interface Place {
  readonly depth: number
  /** Below a public field no scope is asked for: its resolver decides what anyone may see. */
  readonly isPublic: boolean
  /** `first` of the connection whose fields these are. */
  readonly page: Size | null
  /** Values of the lists in the input of the mutation above. */
  readonly rows: readonly Size[]
  /** The nearest `range` above, and `every`. */
  readonly range: ValueNode | undefined
  readonly every: ValueNode | undefined
}

const top: Place = { depth: 1, isPublic: false, page: null, rows: [], range: undefined, every: undefined }

/** Selections that one operation may come to when its fragments are written out. */
const mostSelections = 5_000

/**
 * Walks a validated operation once and collects what it needs and costs. Throws QUERY_TOO_COSTLY when it nests, aliases,
 * directs or roots more than the limits allow, BAD_USER_INPUT when introspection does not stand alone. Cost depends on
 * variables, so it is compared with its limit by the caller.
 */
export function demandsOf(
  schema: GraphQLSchema,
  rules: SchemaRules,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits: Limits,
): Demands {
  const root = schema.getRootType(operation.operation)
  if (!root) throw badUserInput(`This service has no ${operation.operation}s.`, { reason: 'INVALID_DOCUMENT' })
  const walk = newWalk(schema, rules, document, operation)
  walk.counts.directives += operation.directives?.length ?? 0
  const cost = costOfSelections(walk, operation.selectionSet, root, top)
  assertWithin(walk, limits)
  if (walk.introspections > 0 && walk.counts.rootFields > walk.introspections)
    throw badUserInput('Introspection stands alone: ask `__schema` and `__type` in a document of their own.', {
      reason: 'INVALID_DOCUMENT',
    })
  return {
    isMutation: walk.isMutation,
    isPublic: walk.isPublic,
    scopes: [...walk.scopes],
    roles: [...walk.roles],
    cost,
  }
}

function newWalk(
  schema: GraphQLSchema,
  rules: SchemaRules,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Walk {
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
  )
  return {
    schema,
    rules,
    fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])),
    defaults: Object.fromEntries(defaults),
    isMutation: operation.operation === 'mutation',
    scopes: new Set(),
    roles: new Set(),
    counts: { selections: 0, depth: 0, aliases: 0, rootFields: 0, directives: 0 },
    introspections: 0,
    isPublic: true,
  }
}

function assertWithin({ counts }: Walk, limits: Limits) {
  const bounds = [
    ['DEPTH', 'nests fields %d deep', counts.depth, limits.depth],
    ['ALIASES', 'has %d aliases', counts.aliases, limits.aliases],
    ['ROOT_FIELDS', 'has %d root fields', counts.rootFields, limits.rootFields],
    ['DIRECTIVES', 'has %d directives', counts.directives, limits.directives],
  ] as const
  for (const [limit, what, asked, allowed] of bounds)
    if (asked > allowed)
      throw queryTooCostly(`This document ${what.replace('%d', String(asked))}; at most ${allowed} are allowed.`, {
        limit,
        allowed,
        asked,
      })
}

function costOfSelections(
  walk: Walk,
  selectionSet: SelectionSetNode,
  parent: GraphQLCompositeType,
  place: Place,
): Cost {
  if (!place.isPublic) for (const scope of walk.rules.scopes.get(parent.name) ?? []) walk.scopes.add(scope)
  return sum(selectionSet.selections.map((selection) => costOfSelection(walk, selection, parent, place)))
}

function costOfSelection(walk: Walk, selection: SelectionNode, parent: GraphQLCompositeType, place: Place): Cost {
  walk.counts.selections += 1
  if (walk.counts.selections > mostSelections)
    throw queryTooCostly(`With its fragments written out this document has more than ${mostSelections} selections.`, {
      limit: 'SELECTIONS',
      allowed: mostSelections,
      asked: walk.counts.selections,
    })
  walk.counts.directives += selection.directives?.length ?? 0
  if (selection.kind === Kind.FIELD) return costOfField(walk, selection, parent, place)
  const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? walk.fragments.get(selection.name.value) : selection
  if (!fragment) return free
  const type = fragment.typeCondition ? walk.schema.getType(fragment.typeCondition.name.value) : parent
  return costOfSelections(walk, fragment.selectionSet, isCompositeType(type) ? type : parent, place)
}

function costOfField(walk: Walk, field: FieldNode, parent: GraphQLCompositeType, place: Place): Cost {
  const definition = fieldDefinition(parent, field.name.value)
  if (!definition) return free
  walk.counts.depth = Math.max(walk.counts.depth, place.depth)
  if (field.alias) walk.counts.aliases += 1
  const isRoot = place.depth === 1
  const isPublic = isRoot ? enterRoot(walk, parent, definition) : place.isPublic
  const rows = isRoot && walk.isMutation ? rowsOfMutation(walk, field, definition) : place.rows
  const work = costOfWork(walk, `${parent.name}.${definition.name}`)
  const itself = isRoot && walk.isMutation ? sum([work, costOfMutation(rows)]) : work
  const type = getNamedType(definition.type)
  if (!field.selectionSet || !isCompositeType(type)) return itself
  const below = {
    depth: place.depth + 1,
    isPublic,
    page: pageBelow(walk, field, definition),
    rows,
    range: argument(field, 'range') ?? place.range,
    every: argument(field, 'every') ?? place.every,
  }
  const inside = costOfSelections(walk, field.selectionSet, type, below)
  if (definition === SchemaMetaFieldDef || definition === TypeMetaFieldDef)
    return { points: introspectionCost, lists: [] }
  const object = sum([{ points: 1, lists: [] }, inside])
  const isList = isListType(getNullableType(definition.type))
  const answer = isList ? times(sizeOfList(walk, field, definition, parent, place), object) : object
  return sum([itself, answer])
}

/** Notes what a root field asks for, and says whether it is public. */
function enterRoot(walk: Walk, parent: GraphQLCompositeType, definition: GraphQLField<unknown, unknown>): boolean {
  if (definition === TypeNameMetaFieldDef) return true
  walk.counts.rootFields += 1
  if (definition === SchemaMetaFieldDef || definition === TypeMetaFieldDef) {
    walk.introspections += 1
    return true
  }
  const access = walk.rules.access.get(`${parent.name}.${definition.name}`)
  if (access?.public) return true
  walk.isPublic = false
  if (access) walk.scopes.add(access.scope)
  if (access?.role) walk.roles.add(access.role)
  return false
}

function rowsOfMutation(walk: Walk, field: FieldNode, { args }: GraphQLField<unknown, unknown>): Size[] {
  return (field.arguments ?? []).flatMap((given) => {
    const argument = args.find(({ name }) => name === given.name.value)
    return argument ? rowsIn(given.value, argument.type, walk.defaults) : []
  })
}

/** What a field costs besides what it answers. */
function costOfWork({ rules }: Walk, place: string): Cost {
  const points = rules.costs.get(place)
  return points === undefined ? free : { points, lists: [] }
}

function costOfMutation(rows: readonly Size[]): Cost {
  const one = { points: 1, lists: [] }
  return sum([{ points: mutationCost, lists: [] }, ...rows.map((size) => times(size, one))])
}

/** A connection is one object; its `nodes` and `edges` are as many as its `first`. */
function pageBelow(walk: Walk, field: FieldNode, definition: GraphQLField<unknown, unknown>): Size | null {
  const first = definition.args.find((each) => each.name === 'first')
  return first ? pageSize(argument(field, 'first'), Number(first.defaultValue ?? 1), walk.defaults) : null
}

function sizeOfList(
  walk: Walk,
  field: FieldNode,
  definition: GraphQLField<unknown, unknown>,
  parent: GraphQLCompositeType,
  place: Place,
): Size {
  const page = pageBelow(walk, field, definition) ?? place.page
  if (page !== null) return page
  const ids = argument(field, 'ids')
  if (ids) return listLength(ids, walk.defaults)
  const size = walk.rules.sizes.get(`${parent.name}.${definition.name}`)
  if (!size) return 1
  if (size.perRow) return (variables) => place.rows.reduce((total: number, rows) => total + sizeOf(rows, variables), 0)
  return size.perDay ? periods(place.range, place.every, size.assumed, walk.defaults) : size.assumed
}

function sizeOf(size: Size, variables: Variables): number {
  return typeof size === 'function' ? size(variables) : size
}

function fieldDefinition(parent: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> | undefined {
  if (name === '__typename') return TypeNameMetaFieldDef
  if (name === '__schema') return SchemaMetaFieldDef
  if (name === '__type') return TypeMetaFieldDef
  return 'getFields' in parent ? parent.getFields()[name] : undefined
}

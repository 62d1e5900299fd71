import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql'
import { parseGlobalId } from '../global-ids.ts'
import { type KeptFields, keptFieldsOf } from './kept-fields.ts'

/** An operation whose answer is all of one owner's, and shows nothing that changes without the owner's number. */
export interface Keepable {
  /** The owner that it asks about; `me`: the viewer. */
  readonly owner: 'me' | ValueNode
  /** Whether keeping it pays, however little it answers. */
  readonly isWork: boolean
  /** Whether all that it shows seldom changes. */
  readonly isSteady: boolean
}

interface Walk {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly seen: Set<string>
  readonly mayKeep: (type: string, field: string) => boolean
  readonly worth: ReadonlySet<string>
  readonly seldomChanged: ReadonlySet<string>
  isWork: boolean
  isSteady: boolean
}

/** Says of a validated operation whether its answer may be kept; null: it may not. */
export function keepableOf(
  schema: GraphQLSchema,
  fields: KeptFields,
): (document: DocumentNode, operation: OperationDefinitionNode) => Keepable | null {
  const mayKeep = keptFieldsOf(fields)
  const worth = new Set(fields.worthKeeping.split(' '))
  const seldomChanged = new Set(fields.seldomChanged.split(' '))
  return (document, operation) => {
    const [root, ...others] = operation.selectionSet.selections
    if (operation.operation !== 'query' || root?.kind !== Kind.FIELD || others.length > 0) return null
    // A root field that is left out, or not, by a variable.
    if ((root.directives?.length ?? 0) > 0 || !root.selectionSet) return null
    const owner = ownerOf(root.name.value, root.arguments?.[0]?.value)
    const type = schema.getQueryType()?.getFields()[root.name.value]?.type
    if (owner === null || !type) return null
    const lists = { mayKeep, worth, seldomChanged }
    const walk: Walk = {
      schema,
      fragments: fragmentsOf(document),
      seen: new Set(),
      ...lists,
      isWork: false,
      isSteady: true,
    }
    if (!isKept(walk, root.selectionSet, getNamedType(type).name)) return null
    return { owner, isWork: walk.isWork, isSteady: walk.isSteady }
  }
}

/** The id of the owner that a request asks about; null: there is none such, and execution says so. */
export function ownerIdOf(
  owner: Keepable['owner'],
  viewerId: string,
  variables: Readonly<Record<string, unknown>>,
): string | null {
  if (owner === 'me') return viewerId
  const id: unknown = valueFromASTUntyped(owner, variables)
  const parsed = typeof id === 'string' ? parseGlobalId(id) : null
  return parsed?.type === 'User' ? (parsed.parts.userId ?? null) : null
}

function ownerOf(field: string, id: ValueNode | undefined): Keepable['owner'] | null {
  if (field === 'me') return 'me'
  return field === 'user' && id ? id : null
}

function fragmentsOf({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}

function isKept(walk: Walk, { selections }: SelectionSetNode, type: string): boolean {
  return selections.every((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return isKept(walk, selection.selectionSet, selection.typeCondition?.name.value ?? type)
    if (selection.kind === Kind.FRAGMENT_SPREAD) return isFragmentKept(walk, selection.name.value)
    const field = selection.name.value
    if (!walk.mayKeep(type, field)) return false
    const parent = walk.schema.getType(type)
    const definition = isObjectType(parent) ? parent.getFields()[field] : undefined
    if (walk.worth.has(type)) walk.isWork = true
    if (!walk.seldomChanged.has(type)) walk.isSteady = false
    if (!selection.selectionSet) return true
    return definition !== undefined && isKept(walk, selection.selectionSet, getNamedType(definition.type).name)
  })
}

function isFragmentKept(walk: Walk, name: string): boolean {
  const fragment = walk.fragments.get(name)
  // What it selects is of its own type, wherever it stands: to look once is enough.
  if (walk.seen.has(name)) return true
  walk.seen.add(name)
  return fragment !== undefined && isKept(walk, fragment.selectionSet, fragment.typeCondition.name.value)
}

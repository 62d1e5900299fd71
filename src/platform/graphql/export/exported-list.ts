import {
  type DirectiveNode,
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
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { badUserInput } from '../errors.ts'

/** The list of a document that is exported: a connection with no list above it. */
export interface ExportedList {
  /** Where it stands in the answer. */
  readonly path: readonly string[]
  /** Of the connection, with all arguments that the document gives. */
  readonly field: FieldNode
  readonly definition: GraphQLField<unknown, unknown>
  readonly rowType: GraphQLCompositeType
  /** What is selected of each row. */
  readonly rows: readonly SelectionSetNode[]
  /** A selection of the root that leads to the list alone, and holds this of it. */
  selecting(field: FieldNode): SelectionNode[]
}

interface Walk {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
}

/** Where the walk stands. */
interface Place {
  readonly path: readonly string[]
  /** The answer's path to a list above. */
  readonly list: string | null
  around(selection: SelectionNode): SelectionNode
}

/** A place where the document asks for a connection; a document may ask twice for the same one. */
interface Found extends Place {
  readonly field: FieldNode
  readonly definition: GraphQLField<unknown, unknown>
  readonly type: GraphQLCompositeType
}

/**
 * The one list that a validated query asks for; lists inside its rows belong to the rows. BAD_USER_INPUT when there is
 * none, more than one, or when it stands once for each object of another list.
 */
export function exportedList(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ExportedList {
  const walk = { schema, fragments: fragmentsOf(document) }
  const root = schema.getRootType(operation.operation)
  const top: Place = { path: [], list: null, around: (selection) => selection }
  const found = root ? connectionsIn(walk, operation.selectionSet, root, top) : []
  const [first] = found
  if (!first)
    throw notExported(
      'This document has no list to export: ask for one that has `nodes`, such as `entries { nodes { date } }`.',
    )
  const paths = [...new Set(found.map(({ path }) => path.join('.')))]
  if (paths.length > 1)
    throw notExported(`This document has ${paths.length} lists: ${named(paths)}. Export one at a time.`)
  if (first.list !== null)
    throw notExported(
      `\`${paths[0]}\` is a list for each of \`${first.list}\`, not one list. Ask for that of a single one.`,
    )
  const rows = found.map(({ field, type }) => rowsIn(walk, field, type))
  const keys = new Set(rows.flat().map(({ key }) => key))
  const [row] = rows.flat()
  if (!row) throw notExported(`Select what a row holds: \`${paths[0]} { nodes { ... } }\`.`)
  if (keys.size > 1) throw notExported(`The rows of \`${paths[0]}\` are selected ${keys.size} times; select them once.`)
  return {
    path: first.path,
    field: first.field,
    definition: first.definition,
    rowType: row.type,
    rows: rows.flat().map(({ selectionSet }) => selectionSet),
    selecting: (field) => found.map(({ around }) => around(field)),
  }
}

function notExported(message: string) {
  return badUserInput(message, { reason: 'INVALID_DOCUMENT' })
}

function named(paths: readonly string[]): string {
  return paths
    .slice(0, 10)
    .map((path) => `\`${path}\``)
    .join(', ')
}

export function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}

export function responseKey(field: FieldNode): string {
  return (field.alias ?? field.name).value
}

function connectionsIn(
  walk: Walk,
  { selections }: SelectionSetNode,
  parent: GraphQLCompositeType,
  place: Place,
): Found[] {
  return selections.flatMap((selection) => {
    if (selection.kind !== Kind.FIELD) return inFragment(walk, selection, parent, place)
    const definition = 'getFields' in parent ? parent.getFields()[selection.name.value] : undefined
    const type = definition && getNamedType(definition.type)
    if (!definition || !selection.selectionSet || !isCompositeType(type)) return []
    const path = [...place.path, responseKey(selection)]
    if (isConnection(definition, type)) return [{ ...place, path, field: selection, definition, type }]
    const isList = isListType(getNullableType(definition.type))
    return connectionsIn(walk, selection.selectionSet, type, {
      path,
      list: place.list ?? (isList ? path.join('.') : null),
      around: (inner) => place.around({ ...selection, selectionSet: only(inner) }),
    })
  })
}

function inFragment(
  walk: Walk,
  selection: Exclude<SelectionNode, FieldNode>,
  parent: GraphQLCompositeType,
  place: Place,
): Found[] {
  const fragment = fragmentOf(walk, selection, parent)
  if (!fragment) return []
  const { type, typeCondition, selectionSet } = fragment
  return connectionsIn(walk, selectionSet, type, {
    ...place,
    around: (inner) =>
      place.around({
        kind: Kind.INLINE_FRAGMENT,
        ...(typeCondition && { typeCondition }),
        directives: selection.directives ?? [],
        selectionSet: only(inner),
      }),
  })
}

/** A fragment, inline or by name, and the type that its fields are of. */
export function fragmentOf(walk: Walk, selection: Exclude<SelectionNode, FieldNode>, parent: GraphQLCompositeType) {
  const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? walk.fragments.get(selection.name.value) : selection
  if (!fragment) return null
  const { typeCondition, selectionSet } = fragment
  const type = typeCondition && walk.schema.getType(typeCondition.name.value)
  return { typeCondition, selectionSet, type: isCompositeType(type) ? type : parent }
}

function only(selection: SelectionNode): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections: [selection] }
}

function isConnection(definition: GraphQLField<unknown, unknown>, type: GraphQLCompositeType): boolean {
  const takes = (name: string) => definition.args.some((argument) => argument.name === name)
  return (
    isObjectType(type) &&
    'nodes' in type.getFields() &&
    'pageInfo' in type.getFields() &&
    takes('first') &&
    takes('after')
  )
}

/** What a document selects of the rows: below `nodes`, or below `edges` and `node`. */
interface Rows {
  /** The answer's keys to them. */
  readonly key: string
  readonly type: GraphQLCompositeType
  readonly selectionSet: SelectionSetNode
}

function rowsIn(walk: Walk, { selectionSet }: FieldNode, connection: GraphQLCompositeType): Rows[] {
  const fields = (set: SelectionSetNode | undefined, type: GraphQLCompositeType, name: string) =>
    set ? fieldsNamed(walk, set, type, name, []) : []
  const edges = fields(selectionSet, connection, 'edges').flatMap((edge) =>
    fields(edge.selectionSet, edge.type, 'node').map((node) => ({
      ...node,
      key: `${edge.key}.${node.key}`,
      selectionSet: under(edge.directives, node.selectionSet),
    })),
  )
  return [...fields(selectionSet, connection, 'nodes'), ...edges]
}

function fieldsNamed(
  walk: Walk,
  { selections }: SelectionSetNode,
  parent: GraphQLCompositeType,
  name: string,
  outer: readonly DirectiveNode[],
): (Rows & { readonly directives: readonly DirectiveNode[] })[] {
  return selections.flatMap((selection) => {
    const directives = [...outer, ...(selection.directives ?? [])]
    if (selection.kind !== Kind.FIELD) {
      const fragment = fragmentOf(walk, selection, parent)
      return fragment ? fieldsNamed(walk, fragment.selectionSet, fragment.type, name, directives) : []
    }
    const definition = 'getFields' in parent ? parent.getFields()[name] : undefined
    const type = definition && getNamedType(definition.type)
    if (selection.name.value !== name || !selection.selectionSet || !isCompositeType(type)) return []
    return [{ key: responseKey(selection), type, directives, selectionSet: under(directives, selection.selectionSet) }]
  })
}

/** The selections, left out where one of these directives (`@skip`, `@include`) says so. */
function under(directives: readonly DirectiveNode[], selectionSet: SelectionSetNode): SelectionSetNode {
  return directives.reduce<SelectionSetNode>(
    (inner, directive) => only({ kind: Kind.INLINE_FRAGMENT, directives: [directive], selectionSet: inner }),
    selectionSet,
  )
}

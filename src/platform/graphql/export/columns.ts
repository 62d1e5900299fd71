import {
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  Kind,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
} from 'graphql'
import { fragmentOf, fragmentsOf, responseKey } from './exported-list.ts'

/** One column of the flat rows. */
export interface Column {
  /** The keys of the answer with dots between them: `item.name`. */
  readonly name: string
  readonly path: readonly string[]
  /** `json`: lists, and objects of any shape; `shape`: a geometry of GeoJSON, or null. */
  readonly kind: 'text' | 'plain' | 'json' | 'shape'
}

/** Selections of one type of object. */
export interface Selected {
  readonly type: GraphQLCompositeType
  readonly selectionSet: SelectionSetNode
}

/** What text cells of these hold is made by us, and never begins a formula. */
const plainTypes = new Set(['Int', 'Float', 'Decimal', 'Boolean', 'Date', 'DateTime'])
const jsonTypes = new Set(['JSONObject', 'JSON'])

/** One column for each leaf that is selected, in the order of the document; a list with all below it is one. */
export function columnsOf(schema: GraphQLSchema, document: DocumentNode, selected: readonly Selected[]): Column[] {
  const walk = { schema, fragments: fragmentsOf(document) }
  const below = (selections: readonly Selected[], path: readonly string[]): Column[] => {
    const fields = new Map<string, { type: GraphQLOutputType; selected: Selected[] }>()
    for (const each of selections) collect(each)
    return [...fields].flatMap(([key, field]) => columnsOfField([...path, key], field))

    function collect({ type, selectionSet }: Selected) {
      for (const selection of selectionSet.selections) {
        if (selection.kind !== Kind.FIELD) {
          const fragment = fragmentOf(walk, selection, type)
          if (fragment) collect(fragment)
          continue
        }
        const definition =
          selection.name.value === '__typename' ? TypeNameMetaFieldDef : fieldOf(type, selection.name.value)
        if (!definition) continue
        const key = responseKey(selection)
        const field = fields.get(key) ?? { type: definition.type, selected: [] }
        const inner = getNamedType(definition.type)
        if (selection.selectionSet && isCompositeType(inner))
          field.selected.push({ type: inner, selectionSet: selection.selectionSet })
        fields.set(key, field)
      }
    }
  }
  function columnsOfField(path: readonly string[], field: { type: GraphQLOutputType; selected: Selected[] }): Column[] {
    const isList = isListType(getNullableType(field.type))
    if (field.selected.length > 0 && !isList) return below(field.selected, path)
    const { name } = getNamedType(field.type)
    return [{ name: path.join('.'), path, kind: isList ? 'json' : kindOf(name) }]
  }
  return below(selected, [])
}

function kindOf(typeName: string): Column['kind'] {
  if (typeName === 'GeoJSON') return 'shape'
  if (jsonTypes.has(typeName)) return 'json'
  return plainTypes.has(typeName) ? 'plain' : 'text'
}

function fieldOf(type: GraphQLCompositeType, name: string) {
  return 'getFields' in type ? type.getFields()[name] : undefined
}

/** The values of a row, in the order of the columns; null where there is none. */
export function valuesOf(row: unknown, columns: readonly Column[]): unknown[] {
  return columns.map(({ path }) => {
    let value = row
    for (const key of path) value = (value as Record<string, unknown> | null | undefined)?.[key]
    return value ?? null
  })
}

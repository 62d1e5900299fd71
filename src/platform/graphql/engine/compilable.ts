import {
  type ArgumentNode,
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeInfo,
  type ValueNode,
  type VariableDefinitionNode,
  type VariableNode,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { type Conditions, withoutConditions } from './conditions.ts'

/** An argument's value that was written in the document, and is handed to the compiled query as a variable. */
export interface Literal {
  readonly variable: string
  readonly value: ValueNode
  readonly type: GraphQLInputType
}

/** An operation in the form that may be compiled: no value stands in it, only names that GraphQL's grammar allows. */
export interface Compilable {
  readonly document: DocumentNode
  readonly literals: readonly Literal[]
}

/** The type of every variable of a compiled query: its value was coerced by graphql-js and is taken as it is. */
export const coercedType = 'Coerced__'

/** Fields that one compilation may come to, fragments written out and interfaces once for each of their types. */
const mostFields = 3_000

const prefix = 'literal__'

/**
 * The operation as it is with these conditions, every value of an argument moved out into a variable; or null when graphql-js has to run it:
 * writes, whose order it keeps; introspection; names that an object in JavaScript reads otherwise; and what is too large to compile.
 *
 * graphql-jit writes a literal into the text of the function that it makes, and takes some of them for code: no value may reach it. It
 * makes null of a variable that is absent inside an object, and shows what is skipped in one of two places that fall together.
 */
export function compilableOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  conditions: Conditions,
): Compilable | null {
  if (operation.operation !== 'query' || hasOddNames(document)) return null
  const only = { ...document, definitions: document.definitions.filter((each) => isNeeded(each, operation)) }
  const asked = withoutConditions(only, conditions)
  if (!isSmall(schema, asked)) return null
  const literals: Literal[] = []
  const typeInfo = new TypeInfo(schema)
  const hoisted = visit(
    asked,
    visitWithTypeInfo(typeInfo, {
      VariableDefinition: () => false,
      Argument(node) {
        const type = typeInfo.getArgument()?.type
        if (!type || node.value.kind === Kind.VARIABLE) return false
        const variable = `${prefix}${literals.length}`
        literals.push({ variable, value: node.value, type })
        return { ...node, value: variableNode(variable) } satisfies ArgumentNode
      },
    }),
  )
  const definitions = hoisted.definitions.map((each) =>
    each.kind === Kind.OPERATION_DEFINITION ? withCoercedVariables(each, literals) : each,
  )
  return { document: { ...hoisted, definitions }, literals }
}

function isNeeded(definition: DocumentNode['definitions'][number], operation: OperationDefinitionNode): boolean {
  return definition === operation || definition.kind === Kind.FRAGMENT_DEFINITION
}

function withCoercedVariables(operation: OperationDefinitionNode, literals: readonly Literal[]) {
  const asked = (operation.variableDefinitions ?? []).map(({ variable }) => definitionOf(variable.name.value))
  return { ...operation, variableDefinitions: [...asked, ...literals.map(({ variable }) => definitionOf(variable))] }
}

function definitionOf(variable: string): VariableDefinitionNode {
  const type = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: coercedType } } as const
  return { kind: Kind.VARIABLE_DEFINITION, variable: variableNode(variable), type }
}

function variableNode(name: string): VariableNode {
  return { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } }
}

/** Introspection, and names such as `__proto__` that are no ordinary keys of an object. */
function hasOddNames(document: DocumentNode): boolean {
  let isOdd = false
  visit(document, {
    Name({ value }) {
      if ((value.startsWith('__') && value !== '__typename') || value.startsWith(prefix)) isOdd = true
    },
  })
  return isOdd
}

function isSmall(schema: GraphQLSchema, document: DocumentNode): boolean {
  const operation = getOperationAST(document)
  const root = operation && schema.getRootType(operation.operation)
  if (!root) return false
  const fragments = new Map(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  )
  let fields = 0
  const walk = ({ selections }: SelectionSetNode, parentName: string, weight: number): void => {
    for (const selection of selections) {
      if (fields > mostFields) return
      if (selection.kind !== Kind.FIELD) {
        const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value)
        if (fragment) walk(fragment.selectionSet, fragment.typeCondition?.name.value ?? parentName, weight)
        continue
      }
      fields += weight
      const parent = schema.getType(parentName)
      const field = parent && 'getFields' in parent ? parent.getFields()[selection.name.value] : undefined
      const type = field && getNamedType(field.type)
      if (!selection.selectionSet || !isCompositeType(type)) continue
      walk(
        selection.selectionSet,
        type.name,
        weight * (isAbstractType(type) ? schema.getPossibleTypes(type).length : 1),
      )
    }
  }
  walk(operation.selectionSet, root.name, 1)
  return fields <= mostFields
}

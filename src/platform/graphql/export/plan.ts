import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  type SelectionNode,
  type VariableDefinitionNode,
  validate,
  valueFromASTUntyped,
} from 'graphql'
import type { Caller } from '../caller.ts'
import { argument, costOf, type Variables } from '../cost.ts'
import { demandsOf } from '../document-demands.ts'
import { badUserInput } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { assertAffordable, assertAllowed } from '../operation-checks.ts'
import { checkLiterals, checkVariables } from '../request-texts.ts'
import type { ExecutableSchema } from '../schema.ts'
import { type Column, columnsOf } from './columns.ts'
import { type ExportedList, exportedList, fragmentsOf } from './exported-list.ts'

export interface ExportRequest {
  readonly document: string
  readonly variables: Variables
  readonly operationName: string | null
}

/** What is sent again and again to export a list. Its variables are the caller's, and the two that are named here. */
export interface ExportPlan {
  /** Of the operation, or of the list where it has none: for the name of a file. */
  readonly name: string
  readonly path: readonly string[]
  readonly columns: readonly Column[]
  /** `rows` and `pageInfo` of a page; `pageInfo` alone; `totalCount` alone. */
  readonly pages: DocumentNode
  readonly keys: DocumentNode
  readonly count: DocumentNode
  readonly variables: Variables
  readonly firstVariable: string
  readonly afterVariable: string
  readonly pageSize: number
  /** Where the document itself begins. */
  readonly after: unknown
}

/** Where the page's rows stand in its connection. */
export const rowsKey = 'rows'

/**
 * What it takes to export the list of this document for the caller. Throws what asking the document would be refused
 * with: syntax, access, cost; and what `exportedList` says.
 */
export function planExport(
  { schema, rules }: ExecutableSchema,
  request: ExportRequest,
  caller: Pick<Caller, 'viewer' | 'refusal' | 'notes'>,
  limits: Limits,
): ExportPlan {
  const document = parsed(request.document, limits)
  for (const error of validate(schema, document).slice(0, 1)) throw withCode(error, 'GRAPHQL_VALIDATION_FAILED')
  const operation = operationOf(document, request.operationName)
  caller.notes.operation = operation.name?.value.slice(0, 100) ?? operation.operation
  checkVariables(request.variables)
  checkLiterals(document)
  const demands = demandsOf(schema, rules, document, operation, limits)
  assertAllowed(demands, caller)
  const cost = Math.ceil(costOf(demands.cost, request.variables))
  caller.notes.cost = cost
  assertAffordable(cost, limits)
  const list = exportedList(schema, document, operation)
  const [firstVariable, afterVariable] = freeNames(operation)
  const asking = (selections: readonly SelectionNode[]) =>
    rewritten(document, operation, list, selections, { firstVariable, afterVariable })
  const pages = asking([rowsOf(list), pageInfo])
  const demandsOfPage = demandsOf(schema, rules, pages, operationOf(pages, null), limits)
  const costOfPage = (first: number) => costOf(demandsOfPage.cost, { ...request.variables, [firstVariable]: first })
  return {
    name: operation.name?.value ?? list.path.at(-1) ?? 'list',
    path: list.path,
    columns: columnsOf(
      schema,
      document,
      list.rows.map((selectionSet) => ({ type: list.rowType, selectionSet })),
    ),
    pages,
    keys: asking([pageInfo]),
    count: asking([field('totalCount')]),
    variables: request.variables,
    firstVariable,
    afterVariable,
    pageSize: affordablePage(list, costOfPage, limits),
    after: startOf(list, operation, request.variables),
  }
}

function parsed(text: string, limits: Limits): DocumentNode {
  try {
    return parse(text, { maxTokens: limits.tokens })
  } catch (error) {
    if (error instanceof GraphQLError) throw withCode(error, 'GRAPHQL_PARSE_FAILED')
    throw error
  }
}

/** As Apollo hands it on, for `answerFor` to tell what it is. */
function withCode({ message, nodes, source, positions, extensions, originalError }: GraphQLError, code: string) {
  const place = { nodes: nodes ?? null, source: source ?? null, positions: positions ?? null }
  return new GraphQLError(message, {
    ...place,
    originalError: originalError ?? null,
    extensions: { code, ...extensions },
  })
}

function operationOf(document: DocumentNode, name: string | null): OperationDefinitionNode {
  const operation = getOperationAST(document, name)
  if (!operation)
    throw badUserInput(
      name === null
        ? 'Send one query, or name the one that is meant.'
        : `There is no operation \`${name.slice(0, 100)}\`.`,
      { reason: 'INVALID_DOCUMENT' },
    )
  if (operation.operation !== OperationTypeNode.QUERY)
    throw badUserInput('Only queries are exported.', { reason: 'INVALID_DOCUMENT' })
  return operation
}

/** Names of two variables that the operation does not have. */
function freeNames({ variableDefinitions = [] }: OperationDefinitionNode): [string, string] {
  const taken = new Set(variableDefinitions.map(({ variable }) => variable.name.value))
  const free = (name: string): string => (taken.has(name) ? free(`${name}_`) : name)
  return [free('exportFirst'), free('exportAfter')]
}

/** The document with nothing but the list, page by page. */
function rewritten(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  list: ExportedList,
  selections: readonly SelectionNode[],
  { firstVariable, afterVariable }: { firstVariable: string; afterVariable: string },
): DocumentNode {
  const given = (list.field.arguments ?? []).filter(({ name }) => name.value !== 'first' && name.value !== 'after')
  const paged = [
    { kind: Kind.ARGUMENT as const, name: nameNode('first'), value: variableNode(firstVariable) },
    { kind: Kind.ARGUMENT as const, name: nameNode('after'), value: variableNode(afterVariable) },
  ]
  const connection: FieldNode = {
    ...list.field,
    arguments: [...given, ...paged],
    selectionSet: { kind: Kind.SELECTION_SET, selections: [...selections] },
  }
  const asked: OperationDefinitionNode = {
    ...operation,
    variableDefinitions: [
      ...(operation.variableDefinitions ?? []),
      variableDefinition(firstVariable, 'Int'),
      variableDefinition(afterVariable, 'String'),
    ],
    selectionSet: { kind: Kind.SELECTION_SET, selections: list.selecting(connection) },
  }
  return { kind: Kind.DOCUMENT, definitions: [asked, ...fragmentsOf(document).values()] }
}

function rowsOf({ rows }: ExportedList): FieldNode {
  return {
    ...field('nodes'),
    alias: nameNode(rowsKey),
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: rows.map((selectionSet) => ({ kind: Kind.INLINE_FRAGMENT, selectionSet })),
    },
  }
}

const pageInfo: FieldNode = {
  ...field('pageInfo'),
  selectionSet: { kind: Kind.SELECTION_SET, selections: [field('hasNextPage'), field('endCursor')] },
}

function field(name: string): FieldNode {
  return { kind: Kind.FIELD, name: nameNode(name) }
}

function nameNode(value: string) {
  return { kind: Kind.NAME as const, value }
}

function variableNode(name: string) {
  return { kind: Kind.VARIABLE as const, name: nameNode(name) }
}

function variableDefinition(name: string, type: string): VariableDefinitionNode {
  const named = { kind: Kind.NAMED_TYPE as const, name: nameNode(type) }
  return { kind: Kind.VARIABLE_DEFINITION, variable: variableNode(name), type: named }
}

/** The most rows that the list gives at once, as the description of its `first` says, and that a document may cost. */
function affordablePage({ definition }: ExportedList, costOfPage: (first: number) => number, limits: Limits): number {
  const first = definition.args.find(({ name }) => name === 'first')
  const most = Number(/1\.\.(\d+)/.exec(first?.description ?? '')?.[1] ?? 100)
  let size = most
  while (size > 1 && costOfPage(size) > limits.cost) size = Math.floor(size / 2)
  return size
}

function startOf({ field }: ExportedList, { variableDefinitions = [] }: OperationDefinitionNode, variables: Variables) {
  const after = argument(field, 'after')
  if (!after) return null
  const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
  )
  return valueFromASTUntyped(after, { ...Object.fromEntries(defaults), ...variables }) ?? null
}

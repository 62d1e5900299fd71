import { type DocumentNode, type ExecutionResult, execute, GraphQLError, type GraphQLSchema, Kind } from 'graphql'
import { badUserInput, notFound, queryTooCostly } from '../errors.ts'
import { valuesOf } from './columns.ts'
import { type ExportPlan, rowsKey } from './plan.ts'

/** What asks the schema: each page gets a context of its own, so that loaders keep nothing from page to page. */
export interface Asker {
  readonly schema: GraphQLSchema
  readonly signal: AbortSignal
  makeContext(): unknown
}

interface Connection {
  readonly [rowsKey]?: readonly unknown[] | null
  readonly pageInfo?: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  readonly totalCount?: number | null
}

/** Values of rows, in the order of the plan's columns. */
export type Rows = readonly (readonly unknown[])[]

/**
 * The pages of the list, at least one, until it ends, or until `most` rows were given and there are more: then it throws
 * QUERY_TOO_COSTLY, with the cursor to go on from. Throws the first error of a page that has any.
 */
export async function* pagesOf(plan: ExportPlan, asker: Asker, most: number): AsyncGenerator<Rows, void, undefined> {
  let after = plan.after
  for (let left = most; ; ) {
    const first = Math.min(plan.pageSize, left)
    const { [rowsKey]: rows, pageInfo } = await connectionOf(plan, plan.pages, asker, { first, after })
    if (!Array.isArray(rows))
      throw badUserInput('The rows of the list are left out by a directive.', { reason: 'INVALID_DOCUMENT' })
    left -= rows.length
    yield rows.map((row) => valuesOf(row, plan.columns))
    if (!pageInfo?.hasNextPage) return
    after = pageInfo.endCursor
    if (left <= 0) throw tooManyRows(most, after)
  }
}

/** Rejects with QUERY_TOO_COSTLY when the list has more rows than `most`. Reads no rows to find out. */
export async function assertAtMost(plan: ExportPlan, asker: Asker, most: number): Promise<void> {
  const { totalCount } = await connectionOf(plan, plan.count, asker, { first: 1, after: plan.after })
  if (typeof totalCount === 'number' && totalCount <= most) return
  let after = plan.after
  for (let left = most; ; ) {
    const first = Math.min(plan.pageSize, left)
    const { pageInfo } = await connectionOf(plan, plan.keys, asker, { first, after })
    if (!pageInfo?.hasNextPage) return
    left -= first
    after = pageInfo.endCursor
    if (left <= 0) throw tooManyRows(most)
  }
}

function tooManyRows(most: number, after: unknown = null) {
  const further =
    after === null
      ? 'Narrow it by a filter, or export it as JSON Lines, which says where to go on.'
      : 'Narrow it by a filter, or go on from here with `after`.'
  return queryTooCostly(`This list has more than ${most} rows, which is what one export gives. ${further}`, {
    limit: 'ROWS',
    allowed: most,
    asked: most + 1,
    ...(after !== null && { after }),
  })
}

async function connectionOf(
  plan: ExportPlan,
  document: DocumentNode,
  asker: Asker,
  { first, after }: { first: number; after: unknown },
): Promise<Connection> {
  asker.signal.throwIfAborted()
  const variableValues = { ...plan.variables, [plan.firstVariable]: first, [plan.afterVariable]: after }
  const { data, errors } = await execute({
    schema: asker.schema,
    document,
    variableValues,
    contextValue: asker.makeContext(),
  })
  asker.signal.throwIfAborted()
  if (errors?.[0]) throw ofVariable(errors[0])
  let value: unknown = data
  for (const key of plan.path) value = (value as ExecutionResult['data'])?.[key]
  if (value === null || typeof value !== 'object') throw notFound(`There is no list at \`${plan.path.join('.')}\`.`)
  return value as Connection
}

/** As Apollo hands on what is wrong with a variable, for `answerFor` to tell what it is. */
function ofVariable(error: GraphQLError): GraphQLError {
  if (error.path !== undefined || error.nodes?.[0]?.kind !== Kind.VARIABLE_DEFINITION) return error
  const { message, nodes, extensions } = error
  return Object.defineProperty(
    new GraphQLError(message, {
      nodes,
      originalError: error.originalError ?? error,
      extensions: { ...extensions, code: 'BAD_USER_INPUT' },
    }),
    'name',
    { value: 'UserInputError' },
  )
}

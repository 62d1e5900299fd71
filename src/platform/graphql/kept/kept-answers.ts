import { type ApolloServerPlugin, type GraphQLRequestContext, type GraphQLResponse, HeaderMap } from '@apollo/server'
import type { DocumentNode, ExecutionResult, GraphQLSchema, OperationDefinitionNode } from 'graphql'
import type { Cache } from '../../cache/cache.ts'
import { answerKey } from '../../cache/keys.ts'
import type { Execution, Executor } from '../engine/compiled-executor.ts'
import type { CallerContext } from '../operation-checks.ts'
import { type Keepable, keepableOf, ownerIdOf } from './keepable.ts'
import type { KeptFields } from './kept-fields.ts'

/** The state of an owner's diary, as a viewer sees it. */
export interface OwnerState {
  /** Another one after every change, at each midnight of the owner's, and when something that was shared until then runs out. */
  readonly state: string
  /** For how long it will be this one at most, in milliseconds. */
  readonly lastsMs: number
}

export interface KeptAnswersOptions<Context> {
  readonly cache: Cache
  readonly fields: KeptFields
  /** Of the schema's text and of the program: another one answers otherwise. */
  readonly program: string
  /** Read as the viewer, before anything of the answer is; null: the viewer does not see this owner. */
  stateOf(context: Context, ownerId: string): Promise<OwnerState | null>
}

/** What makes a server keep answers. */
export interface KeptAnswers<Context extends CallerContext> {
  readonly plugins: readonly ApolloServerPlugin<Context>[]
  /** The same executor, for those operations of which the plugin already knows the result. */
  readonly executor: Executor
  readonly stringifyResult: (result: object) => string
  /** The text of a whole answer, as it was kept or is from now on; null: it is to be executed. */
  textFor(asked: AskedOperation<Context>): Promise<string | null>
}

/** An operation that was found allowed, of a document by its hash. */
export interface AskedOperation<Context> extends Omit<Execution, 'context' | 'operationName'> {
  readonly operation: OperationDefinitionNode
  readonly hash: string
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
  readonly context: Context
}

/** Answers last no longer than this, in milliseconds, whatever happens; those of what seldom changes, such as a tree of deeds, than that. */
const longestMs = 5 * 60_000
const longestSteadyMs = 60 * 60_000
/** Cost points from which on it pays to keep an answer: below, one statement computes what one statement would find. */
const leastCost = 20

/** The text of a whole answer, where the server expects its data. */
class AnswerText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/**
 * Answers queries about one owner by the text that was sent before for the same document, variables, viewer and state of the owner's. The
 * state is read first: a change while the answer is computed belongs to the next state, under which nothing is kept yet.
 */
export function keptAnswers<Context extends CallerContext>(
  schema: GraphQLSchema,
  execute: Executor,
  options: KeptAnswersOptions<Context>,
): KeptAnswers<Context> {
  const keepableFor = remembered(keepableOf(schema, options.fields))
  /** Results that can't be kept, for those who computed them. */
  const computed = new WeakMap<object, ExecutionResult>()

  async function textFor(asked: AskedOperation<Context>): Promise<string | null> {
    const keepable = keepableFor(asked.document, asked.operation)
    const question = keepable && (await questionOf(asked, keepable, options))
    if (!question) return null
    const { document, operationName, variables, context } = asked
    const [kept] = await options.cache.readThrough([question.key], async () => {
      const result = await execute({ document, operationName, variables, context })
      if (result.errors || !result.data) {
        computed.set(context, result)
        return [null]
      }
      return [{ value: JSON.stringify({ data: result.data }), keepMs: question.keepMs }]
    })
    return kept?.value ?? null
  }

  async function responseForOperation(context: GraphQLRequestContext<Context>): Promise<GraphQLResponse | null> {
    const { document, operation, queryHash, request, contextValue } = context
    if (!document || !operation || !queryHash) return null
    const { operationName = null, variables = {} } = request
    const asked = { document, operation, hash: queryHash, operationName, variables, context: contextValue }
    const text = await textFor(asked)
    return text ? responseOf(text) : null
  }

  return {
    plugins: [{ requestDidStart: async () => ({ responseForOperation }) }],
    executor: async (execution) => computed.get(Object(execution.context)) ?? execute(execution),
    stringifyResult: (result) =>
      'data' in result && result.data instanceof AnswerText ? result.data.text : JSON.stringify(result),
    textFor,
  }
}

function responseOf(text: string): GraphQLResponse {
  const data = new AnswerText(text) as unknown as Record<string, unknown>
  return { http: { headers: new HeaderMap() }, body: { kind: 'single', singleResult: { data } } }
}

interface Question {
  readonly key: string
  readonly keepMs: number
}

/** Under which key the answer is kept, as of now; null: it is not. */
async function questionOf<Context extends CallerContext>(
  { hash, operationName, variables, context }: AskedOperation<Context>,
  { owner, isWork, isSteady }: Keepable,
  { stateOf, program }: KeptAnswersOptions<Context>,
): Promise<Question | null> {
  const { viewer, notes } = context.caller
  if (!viewer) return null
  if (!isWork && (notes.cost ?? 0) < leastCost) return null
  const ownerId = ownerIdOf(owner, viewer.userId, variables)
  // What fails here fails again when it is executed, and is told there.
  const found = ownerId === null ? null : await stateOf(context, ownerId).catch(() => null)
  const keepMs = Math.min(isSteady ? longestSteadyMs : longestMs, found?.lastsMs ?? 0)
  if (ownerId === null || !found || keepMs <= 0) return null
  const key = answerKey({ program, document: hash, operationName, variables, viewer, ownerId, state: found.state })
  return { key, keepMs }
}

/** Looks at each operation of a parsed document once. */
function remembered(look: ReturnType<typeof keepableOf>) {
  const known = new WeakMap<OperationDefinitionNode, Keepable | null>()
  return (document: DocumentNode, operation: OperationDefinitionNode): Keepable | null => {
    const before = known.get(operation)
    if (before !== undefined) return before
    const keepable = look(document, operation)
    known.set(operation, keepable)
    return keepable
  }
}

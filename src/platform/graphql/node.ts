import type { GraphQLSchema } from 'graphql'
import type { Viewer } from '../viewer.ts'
import { badUserInput, forbidden, notFound } from './errors.ts'
import { type IdType, type idParts, parseGlobalId } from './global-ids.ts'
import { readSchemaRules } from './schema-rules.ts'
import type { Selected } from './selection.ts'

export type IdParts<T extends IdType> = { [K in (typeof idParts)[T][number]]: string }

/**
 * How an object of each type is read by the parts of its id: null when there is none that the viewer may see (SHA-8). `info` tells what the
 * document asks of it, below fragments of other types too.
 */
export type NodeReaders<Context> = {
  readonly [T in IdType]: (parts: IdParts<T>, context: Context, info: Selected) => Promise<object | null>
}

const mostIds = 100

type NodeInfo = Selected & { readonly schema: GraphQLSchema }

interface WithViewer {
  readonly viewer: Viewer | null
}

/**
 * `Query.node` and `Query.nodes`. The document tells nothing of the type behind an id, so its scope is checked here: FORBIDDEN,
 * reason MISSING_SCOPE. A malformed id is BAD_USER_INPUT, reason INVALID_ID; nothing there is NOT_FOUND, in `nodes` null.
 */
export function nodeResolvers<Context extends WithViewer>(readers: NodeReaders<Context>) {
  async function read(id: string, context: Context, info: NodeInfo, field: string) {
    const parsed = parseGlobalId(id)
    if (!parsed) throw badUserInput('This is not an id that this service gave out.', { reason: 'INVALID_ID', field })
    const missing = (scopesOf(info.schema).get(parsed.type) ?? []).filter(
      (scope) => !context.viewer?.scopes.includes(scope),
    )
    if (missing.length > 0)
      throw forbidden(`The token lacks ${missing.join(', ')}.`, { reason: 'MISSING_SCOPE', scopes: missing })
    const reader = readers[parsed.type] as (parts: unknown, context: Context, info: Selected) => Promise<object | null>
    const row = await reader(parsed.parts, context, info)
    return row && { ...row, __typename: parsed.type }
  }
  async function node(_: unknown, { id }: { id: string }, context: Context, info: NodeInfo) {
    const row = await read(id, context, info, 'id')
    if (!row) throw notFound(undefined, { field: 'id' })
    return row
  }
  async function nodes(_: unknown, { ids }: { ids: string[] }, context: Context, info: NodeInfo) {
    if (ids.length > mostIds)
      throw badUserInput(`At most ${mostIds} ids at once; these are ${ids.length}.`, {
        reason: 'TOO_MANY',
        field: 'ids',
      })
    return Promise.all(ids.map((id, index) => read(id, context, info, `ids[${index}]`)))
  }
  return { Query: { node, nodes }, Node: { __resolveType: (row: { __typename: string }) => row.__typename } }
}

const known = new WeakMap<GraphQLSchema, ReadonlyMap<string, readonly string[]>>()

function scopesOf(schema: GraphQLSchema): ReadonlyMap<string, readonly string[]> {
  const scopes = known.get(schema) ?? readSchemaRules(schema).scopes
  known.set(schema, scopes)
  return scopes
}

import {
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionNode,
} from 'graphql'
import type { QueryResolvers } from '../../../generated/graphql.ts'
import { badUserInput, notFound } from '../../../platform/graphql/errors.ts'
import { found, ownKey } from '../../../platform/graphql/found.ts'
import { fromGlobalId } from '../../../platform/graphql/global-ids.ts'

/** SHA-6 The viewer as the requester of a relation sees them: all that is below is read as that person, without anything of theirs. */
export const previewAccess: NonNullable<QueryResolvers['previewAccess']> = async (_, args, context, info) => {
  checkAlone(info)
  const field = 'relationId'
  const key = ownKey(fromGlobalId('Relation', args.relationId, field), context.viewer)
  if (key.direction !== 'received') throw notFound(undefined, { field })
  const relation = found(await context.loaders.relation.load({ ...key, direction: 'RECEIVED' }), field)
  if (relation.status !== 'accepted') throw notFound(undefined, { field })
  context.lookAs(relation.requesterId)
  return found(await context.loaders.user.load(relation.ownerId), field)
}

/** What stood beside it would be read as the other person, too. */
function checkAlone({ operation, variableValues }: GraphQLResolveInfo): void {
  const isAsked = (node: SelectionNode) =>
    getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.if !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.if !== false
  const selections = operation.selectionSet.selections.filter(isAsked)
  if (selections.length === 1 && selections[0]?.kind === Kind.FIELD) return
  throw badUserInput('`previewAccess` stands alone: ask it as the only field of its document.', {
    reason: 'INVALID_DOCUMENT',
  })
}

import type { GraphQLError } from 'graphql'
import type { ConstraintErrors } from '../../platform/database/database-errors.ts'
import { badUserInput, conflict, forbidden, notFound } from '../../platform/graphql/errors.ts'
import { toGlobalId } from '../../platform/graphql/global-ids.ts'
import type { Refusal } from './rules.ts'

/** A refused row as the error to be thrown; `ownerId` is whose row it was, `pathOf` where a field of it stood in the input. */
export function errorOf(refusal: Refusal, ownerId: string, pathOf = (name: string) => `input.${name}`): GraphQLError {
  const { code: _, message, field, suggestedScaleValueId, ...others } = refusal
  const details = {
    ...others,
    ...(field && { field: pathOf(field) }),
    ...(suggestedScaleValueId && {
      suggestedScaleValueId: toGlobalId('ScaleValue', { ownerId, scaleValueId: suggestedScaleValueId }),
    }),
  }
  switch (refusal.code) {
    case 'FORBIDDEN':
      return forbidden(message, details)
    case 'NOT_FOUND':
      return notFound(message, details)
    case 'CONFLICT':
      return conflict(message, { ...details, reason: refusal.reason })
    case 'BAD_USER_INPUT':
      return badUserInput(message, { ...details, reason: refusal.reason })
  }
}

/** What the database finds out under the owner's lock, when a deed or scale changed between the decision and the write. */
export const entryConstraintErrors: ConstraintErrors = {
  item_deleted: () => notFound('There is no such item.'),
  measure_mismatch: () =>
    badUserInput('The deed is measured in another way by now: look at it again.', { reason: 'WRONG_MEASURE' }),
  scale_version_mismatch: () =>
    conflict('On that day another version of the scale is in effect by now: look at it again.', {
      reason: 'SCALE_VERSION_MISMATCH',
    }),
}

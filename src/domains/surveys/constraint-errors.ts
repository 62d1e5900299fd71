import { GraphQLError } from 'graphql'
import { type ConstraintErrors, toCallerError } from '../../platform/database/database-errors.ts'
import { badUserInput, conflict, notFound } from '../../platform/graphql/errors.ts'

/** What broken constraints of surveys mean to the caller. */
export const surveyConstraintErrors: ConstraintErrors = {
  too_many_projects: (error) => conflict(error.message, { reason: 'TOO_MANY' }),
  too_many_calculations: (error) => conflict(error.message, { reason: 'TOO_MANY' }),
  too_many_hillshades: (error) => conflict(error.message, { reason: 'TOO_MANY' }),
  too_many_scans: (error) => conflict(error.message, { reason: 'TOO_MANY' }),
  project_not_found: () => notFound('There is no such project.', { field: 'input.projectId' }),
  project_permissions_expires_check: () =>
    badUserInput('expiresAt is in the future, or left out.', { reason: 'OUT_OF_RANGE', field: 'input.expiresAt' }),
  scan_not_found: () => notFound('There is no such scan of yours.', { field: 'input.scanId' }),
  lidar_scans_sha256_key: () =>
    conflict('The project has another scan of the same file: delete that one first.', {
      reason: 'DUPLICATE_FILE',
      field: 'input.scanId',
    }),
  lidar_scans_geometry_check: () => crossed(),
  lidar_scans_footprint_check: () => crossed(),
  projects_metadata_check: () => tooManyDigits('input.metadata'),
  lidar_scans_data_check: () => tooManyDigits('input.data'),
}

/** What a rule that the database holds says to whoever wanted this written; null: none refused it, and trying again may help. */
export function refusalOf(error: unknown): string | null {
  const told = toCallerError(error, surveyConstraintErrors)
  return told instanceof GraphQLError && told.extensions.code === 'CONFLICT' ? told.message : null
}

function crossed() {
  return badUserInput(
    'The geometry crosses or touches itself where it must not: a polygon has simple rings, holes inside.',
    {
      reason: 'INVALID_GEOMETRY',
      field: 'input.geometry',
    },
  )
}

function tooManyDigits(field: string) {
  return badUserInput('It has numbers with too many digits: at most 128 kB when they are written out.', {
    reason: 'OUT_OF_RANGE',
    field,
  })
}

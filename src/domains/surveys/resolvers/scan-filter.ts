import type { ScanFilter as AskedFilter } from '../../../generated/graphql.ts'
import { badUserInput } from '../../../platform/graphql/errors.ts'
import { fromGlobalId } from '../../../platform/graphql/global-ids.ts'
import { wantedMetadata } from '../../resources/rules.ts'
import { checkedBox, checkedCircle, type ScanFilter } from '../rules/scan-filter.ts'

const mostProjects = 100

/** BAD_USER_INPUT: OUT_OF_RANGE, EMPTY_LIST, TOO_MANY, INVALID_ID, INVALID_TEXT. */
export function scanFilterOf(asked: AskedFilter): ScanFilter {
  const { bbox, intersects, within, capturedFrom, capturedTo, data, projectIds, tier } = asked
  return {
    bbox: bbox ? checkedBox(bbox, 'filter.bbox') : null,
    intersects: intersects ?? null,
    within: within ? checkedCircle(within, 'filter.within') : null,
    capturedFrom: capturedFrom ?? null,
    capturedTo: capturedTo ?? null,
    data: data ? wantedMetadata(data.path, data.value, 'filter.data.path') : null,
    projectIds: projectIds ? numbersOf(projectIds) : null,
    tier: tier ?? null,
  }
}

function numbersOf(ids: readonly string[]): string[] {
  const field = 'filter.projectIds'
  if (ids.length === 0) throw badUserInput('Name at least one, or leave the list out.', { reason: 'EMPTY_LIST', field })
  if (ids.length > mostProjects) throw badUserInput(`At most ${mostProjects} at once.`, { reason: 'TOO_MANY', field })
  return ids.map((id, index) => fromGlobalId('Project', id, `${field}[${index}]`).projectId)
}

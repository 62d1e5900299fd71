import type { Database } from '../../../platform/database/types.ts'
import { writeProjectGrant } from '../../surveys/queries/permissions.ts'
import { insertProject } from '../../surveys/queries/projects.ts'
import { hasSurveys } from '../../surveys/queries/readiness.ts'
import { insertScan } from '../../surveys/queries/scans.ts'
import { actAs, relationBetween } from './queries.ts'

/** A project with scans that are geometries. */
export interface DemoSurvey {
  /** By their address. */
  readonly owner: string
  readonly name: string
  readonly description: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly scans: readonly {
    readonly name: string
    readonly daysAgo: number
    readonly data: Readonly<Record<string, unknown>>
    /** Of GeoJSON, WGS 84. */
    readonly geometry: Readonly<Record<string, unknown>>
  }[]
  /** Requesters of an accepted relation, by their addresses. */
  readonly sharedWith: readonly string[]
}

const dayMs = 24 * 3_600_000

/** Makes the surveys where the database has them; `ids` are people's, by their addresses. */
export async function makeSurveys(
  tx: Database,
  surveys: readonly DemoSurvey[],
  ids: (email: string) => string,
): Promise<void> {
  if (!(await hasSurveys(tx))) return
  for (const { owner, scans, sharedWith, ...draft } of surveys) {
    const ownerId = ids(owner)
    await actAs(tx, ownerId)
    const key = { ownerId, projectId: await insertProject(tx, ownerId, draft) }
    for (const { name, daysAgo, data, geometry } of scans) {
      const capturedAt = new Date(Date.now() - daysAgo * dayMs).toISOString()
      await insertScan(tx, key, { addedById: ownerId, draft: { name, capturedAt, data }, geometry })
    }
    for (const email of sharedWith) {
      const requesterId = ids(email)
      const relationId = await relationBetween(tx, { requesterId, requesteeId: ownerId })
      await writeProjectGrant(tx, key, { relationId, requesterId, type: 'read', expiresAt: null })
    }
  }
}

import type { Database } from '../../platform/database/types.ts'
import { unavailable } from '../../platform/graphql/errors.ts'
import type { ObjectStore } from '../../platform/objects/objects.ts'
import type { KeyRing } from '../identity/services/key-ring.ts'
import { type HillshadeDrawing, makeHillshadeDrawing } from './hillshades/drawing.ts'
import { type HillshadeLinks, makeHillshadeLinks } from './hillshades/links.ts'
import { hasSurveys } from './queries/readiness.ts'

export interface SurveyServices {
  /** The links by which pictures of scans are had, and who draws them. */
  hillshadeLinks: HillshadeLinks
  hillshades: HillshadeDrawing
  /** Whether the database has surveys. Once it has, nobody is asked again; until then each call asks, so that they are noticed at once. */
  areReady(db: Database): Promise<boolean>
}

export function makeSurveyServices({
  keyRing,
  objects,
}: {
  readonly keyRing: Pick<KeyRing, 'current'>
  readonly objects: ObjectStore
}): SurveyServices {
  let known = false
  return {
    hillshadeLinks: makeHillshadeLinks(keyRing),
    hillshades: makeHillshadeDrawing(objects),
    async areReady(db) {
      known ||= await hasSurveys(db)
      return known
    },
  }
}

/**
 * What stands before whatever asks for surveys: UNAVAILABLE, reason POSTGIS_REQUIRED, while the database has none. Takes the context of a
 * resolver.
 */
export async function requireSurveys({
  db,
  services,
}: {
  readonly db: Database
  readonly services: { readonly surveys: SurveyServices }
}): Promise<void> {
  if (await services.surveys.areReady(db)) return
  throw unavailable(
    'Surveys need PostGIS, which the database does not have. Whoever runs this service: "npm run kitaab -- doctor" says what to do.',
    { reason: 'POSTGIS_REQUIRED', retryAfter: 3600 },
  )
}

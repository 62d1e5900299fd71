import type { DirectiveNode } from 'graphql'
import { hasPostgis, newPostgisDatabase } from './postgis.ts'
import { type ServiceOptions, startService, type TestService } from './service.ts'

/** Whether the whole schema can be tried here: without PostGIS what is about surveys is left out, which is said once. */
export const surveysAreTried = hasPostgis()
if (!surveysAreTried)
  console.warn('Surveys are left out here without PostGIS (apt-get install postgresql-15-postgis-3).')

/** For what goes over the whole schema: the service on a database of its own that has PostGIS, where there is one. */
export async function startWholeService(options: Omit<ServiceOptions, 'database'> = {}): Promise<TestService> {
  if (!surveysAreTried) return startService(options)
  const database = await newPostgisDatabase()
  const service = await startService({ ...options, database })
  const stop = async () => {
    try {
      await service.stop()
    } finally {
      await database.stop()
    }
  }
  return { ...service, stop }
}

/** What belongs to surveys, and is asked for by what a token may do with relations. */
const byRelations = ['shareProject', 'unshareProject', 'ProjectPermission']

interface InSchema {
  readonly name?: string
  readonly astNode?: { readonly directives?: readonly DirectiveNode[] } | null | undefined
}

/** Whether a field or a type of the schema can be tried here: all of them, but for surveys without PostGIS. */
export function isTried({ name = '', astNode }: InSchema): boolean {
  const ofSurveys = astNode?.directives?.some(({ arguments: given }) =>
    given?.some(({ value }) => value.kind === 'EnumValue' && value.value.startsWith('SURVEYS_')),
  )
  return surveysAreTried || !(ofSurveys || byRelations.includes(name))
}

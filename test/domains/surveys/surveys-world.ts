import { afterAll, beforeAll, beforeEach } from '@jest/globals'
import type { TestDatabase } from '../../support/database.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { newPostgisDatabase } from '../../support/postgis.ts'
import { startService, type TestService } from '../../support/service.ts'
import { surveysOf } from './requests.ts'

/** What the tests of a file share: a service with PostGIS. For each test there are a new person and her project, which a test may change. */
export interface SurveysWorld {
  database: TestDatabase
  service: TestService
  surveys: ReturnType<typeof surveysOf>
  leila: TestPerson
  projectId: string
}

/** Within a `describe`; its fields are there once the tests run. */
export function withSurveys(): SurveysWorld {
  const world = {} as SurveysWorld
  beforeAll(async () => {
    world.database = await newPostgisDatabase()
    world.service = await startService({ database: world.database })
    world.surveys = surveysOf(world.service)
  }, 60_000)
  afterAll(async () => {
    await world.service.stop()
    await world.database.stop()
  })
  beforeEach(async () => {
    world.leila = await newUser(world.database, 'Leila')
    world.projectId = (await world.surveys.newProject(world.leila)).id
  })
  return world
}

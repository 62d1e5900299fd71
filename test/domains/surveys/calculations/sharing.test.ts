// Who but the owner has things worked out, and sees what came of it.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { TestDatabase } from '../../../support/database.ts'
import { runJobs } from '../../../support/jobs.ts'
import { describeWithPostgis, newPostgisDatabase } from '../../../support/postgis.ts'
import { type Sharer, type SharingWorld, sharingWorld } from '../../../support/sharing.ts'
import { outcome } from '../../identity/people.ts'
import { surveysOf } from '../requests.ts'
import { sampled, tilted } from '../rules/clouds.ts'
import { newScanOf } from '../scanned.ts'

describeWithPostgis('calculations in shared projects', () => {
  let database: TestDatabase
  let people: SharingWorld
  beforeAll(async () => {
    database = await newPostgisDatabase()
    people = await sharingWorld({ database })
  }, 60_000)
  afterAll(async () => {
    await people.stop()
    await database.stop()
  })

  test('SHA-8 who may read a project may ask, and sees what came of it until that is taken back', async () => {
    const [leila, budi] = [await people.newPerson('Leila'), await people.newPerson('Budi')]
    const { id: projectId } = await surveysOf(people.service).newProject(leila)
    const points = sampled(tilted(0.1), 10, 1).map(([x, y, z]) => [x + 330_000, y + 3_320_000, z] as const)
    const scan = await newScanOf(people.service, projectId, points)
    const ask = (as: Sharer) =>
      people.send(
        as,
        'requestCalculation',
        'calculation { id status isRepeated result { ... on HeightsResult { mean } } }',
        {
          ...{ projectId, kind: 'HEIGHTS', scanIds: [scan] },
        },
      )
    const shade = (as: Sharer) => people.send(as, 'requestHillshade', 'hillshade { id status }', { scanId: scan })
    const seen = async (as: Sharer, id: string) =>
      (await people.ask(as, 'query ($id: ID!) { node(id: $id) { ... on Job { status } } }', { id })).data.node
    expect([outcome(await ask(budi)), outcome(await shade(budi))]).toEqual(['NOT_FOUND', 'NOT_FOUND'])

    const relationId = await people.befriend(budi, leila)
    const shared = await people.send(leila, 'shareProject', 'permission { id }', {
      projectId,
      relationId,
      type: 'READ',
    })
    const { calculation } = (await ask(budi)).data.answer
    const { hillshade } = (await shade(budi)).data.answer
    expect([calculation.status, hillshade.status]).toEqual(['WAITING', 'WAITING'])
    await runJobs(people.service)
    for (const { id } of [calculation, hillshade]) {
      expect(await seen(budi, id)).toEqual({ status: 'SUCCEEDED' })
      expect(await seen(leila, id)).toEqual({ status: 'SUCCEEDED' })
    }
    // What one had worked out the other need not wait for.
    expect((await ask(leila)).data.answer.calculation).toMatchObject({ isRepeated: true, result: { mean: 0 } })

    const permissionId = shared.data.answer.permission.id
    await people.send(leila, 'unshareProject', 'permission { id }', { permissionId })
    for (const { id } of [calculation, hillshade]) expect(await seen(budi, id)).toBeNull()
    expect([outcome(await ask(budi)), outcome(await shade(budi))]).toEqual(['NOT_FOUND', 'NOT_FOUND'])
  })
})

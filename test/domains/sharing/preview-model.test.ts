import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { toGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { newWorld, type Person, type World } from '../../db/world.ts'
import { startService, type TestService } from '../../support/service.ts'
import { DASHBOARD, ENTRIES, PERSON } from './model/documents.ts'
import { answered, lookers, zoneAtNoon } from './model/looking.ts'
import { anyStep, newScene, take } from './model/steps.ts'

let world: World
let service: TestService
beforeAll(async () => {
  world = await newWorld()
  service = await startService({ database: world.database, limits: { cost: 1e9, viewerCostPerMinute: 1e12 } })
})
afterAll(async () => {
  await service.stop()
  await world.stop()
})

/** The owner's id of the accepted relation by which somebody sees what they share; null when there is none. */
async function relationId(viewer: Person, owner: Person): Promise<string | null> {
  const [row] = await world.admin(
    `select relation_id::text as id from relations
     where requestee_id = $1 and requester_id = $2 and status = 'accepted' and deleted_at is null`,
    [owner.id, viewer.id],
  )
  return row ? toGlobalId('Relation', { ownerId: owner.id, direction: 'received', relationId: row.id }) : null
}

const user = /user\(id: \$user\)/
/** The same document, asked by the owner of what the other one sees. */
const previewed = (document: string) => document.replace(user, 'user: previewAccess(relationId: $user)')

test('SHA-6 a preview answers what the other one is answered, after any grants, moves, privacy and entries', async () => {
  let shown = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 25, maxLength: 40 }), async (steps) => {
      const scene = await newScene(world, zoneAtNoon())
      for (const step of steps) await take(world, scene, step)
      for (const [viewer, owner] of lookers(scene)) {
        const relation = await relationId(viewer, owner)
        if (relation === null) continue
        const today = scene.diaries[0].today
        const variables = { range: { from: addDays(today, -11), to: addDays(today, 1) }, day: addDays(today, -1) }
        for (const document of [PERSON, DASHBOARD, ENTRIES]) {
          const theirs = await answered(service, viewer, document, {
            ...variables,
            user: toGlobalId('User', { userId: owner.id }),
          })
          const preview = await answered(service, owner, previewed(document), { ...variables, user: relation })
          expect(preview).toEqual(theirs)
        }
        shown += 1
      }
    }),
    { numRuns: 6 },
  )
  expect(shown).toBeGreaterThan(8)
}, 120_000)

import { afterAll, beforeAll, test } from '@jest/globals'
import fc from 'fast-check'
import { newWorld, type World } from '../../db/world.ts'
import { startService, type TestService } from '../../support/service.ts'
import { anyFilter, orders } from './model/filters.ts'
import { expectAsModelled, lookers, rowsNow, zoneAtNoon } from './model/looking.ts'
import { anyGrants, anyStep, newScene, take } from './model/steps.ts'

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

test('SHA-8 after any steps, every answer about another is exactly what the plain model says', async () => {
  const filters = fc.array(fc.tuple(anyFilter, fc.constantFrom(...orders)), { minLength: 2, maxLength: 2 })
  const steps = fc.array(fc.tuple(anyStep, filters), { maxLength: 30, size: 'max' })
  await fc.assert(
    fc.asyncProperty(anyGrants, steps, async (grants, steps) => {
      const scene = await newScene(world, zoneAtNoon())
      for (const grant of grants) await take(world, scene, grant)
      for (const [index, [step, filters]] of steps.entries()) {
        await take(world, scene, step)
        const { owner, relations } = scene.diaries[step.diary === 0 ? 0 : 1]
        const viewer = [...relations.keys()][index % 2]
        if (viewer) await expectAsModelled(service, [viewer, owner], await rowsNow(service, scene), filters)
      }
      const rows = await rowsNow(service, scene)
      for (const pair of lookers(scene)) await expectAsModelled(service, pair, rows, [[{}, 'DATE_DESC']])
    }),
    { numRuns: 4, interruptAfterTimeLimit: 60_000 },
  )
}, 120_000)

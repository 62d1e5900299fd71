import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { newWorld, type Person, type World } from '../../db/world.ts'
import { startService, type TestService } from '../../support/service.ts'
import { DASHBOARD, ENTRIES, PERSON, SEARCH } from './model/documents.ts'
import { orders } from './model/filters.ts'
import { ids, todayOf } from './model/ids.ts'
import { allIds, answered, lookers, nodesAnswered, rowsNow, zoneAtNoon } from './model/looking.ts'
import type { Rows } from './model/rows.ts'
import { newWorldOf } from './model/second-world.ts'
import { seenBy } from './model/seen.ts'
import { anyGrants, anyStep, newScene, take } from './model/steps.ts'

const limits = { cost: 1e9, viewerCostPerMinute: 1e12 }
let world: World
let service: TestService
beforeAll(async () => {
  world = await newWorld()
  service = await startService({ database: world.database, limits })
})
afterAll(async () => {
  await service.stop()
  await world.stop()
})

type Ask = (service: TestService) => Promise<unknown>

test('SHA-8 every answer is the same in a world where what is not shared never was', async () => {
  const steps = fc.array(anyStep, { minLength: 15, maxLength: 30, size: 'max' })
  let compared = 0
  await fc.assert(
    fc.asyncProperty(anyGrants, steps, async (grants, steps) => {
      const scene = await newScene(world, zoneAtNoon())
      for (const step of [...grants, ...steps]) await take(world, scene, step)
      const rows = await rowsNow(service, scene)
      for (const viewer of scene.people) {
        const owners = lookers(scene).flatMap(([looker, owner]) => (looker === viewer ? [owner] : []))
        const shown = owners.map((owner) => seenBy(rows, viewer.id, owner.id))
        const second = await newWorldOf(world.database, rows, shown)
        const other = await startService({ database: second, limits })
        try {
          for (const ask of questionsOf(rows, viewer, owners)) {
            expect(await ask(service)).toEqual(await ask(other))
            compared += 1
          }
        } finally {
          await other.stop()
          await second.stop()
        }
      }
    }),
    { numRuns: 3, endOnFailure: true, interruptAfterTimeLimit: 60_000 },
  )
  expect(compared).toBeGreaterThan(40)
}, 120_000)

/** All that somebody asks about these people, and what they find. */
function questionsOf(rows: Rows, viewer: Person, owners: readonly Person[]): Ask[] {
  const search = (text: string) => (asked: TestService) => answered(asked, viewer, SEARCH, { text })
  const texts = ['item', 'note', 'one', 'Prayer', 'secret', 'Reading -item']
  return [
    ...texts.map(search),
    ...owners.flatMap((owner) => {
      const today = todayOf(rows, owner.id)
      const range = { from: addDays(today, -11), to: addDays(today, 1) }
      const asking = { user: ids.user(owner.id), range, day: addDays(today, -1) }
      const about = (document: string, variables: object) => (asked: TestService) =>
        answered(asked, viewer, document, { ...asking, ...variables })
      return [
        about(PERSON, {}),
        about(DASHBOARD, {}),
        ...orders.map((orderBy) => pages(about, orderBy)),
        (asked: TestService) => nodesAnswered(asked, viewer, allIds(rows, owner.id)),
      ]
    }),
  ]
}

/** All entries in pages of three, by the cursors that were answered. */
function pages(about: (document: string, variables: object) => Ask, orderBy: string): Ask {
  return async (asked) => {
    const answers: unknown[] = []
    for (let after: string | null = null, more = true; more; ) {
      const answer = (await about(ENTRIES, { orderBy, first: 3, after })(asked)) as {
        data: { user: { entries: { pageInfo: { hasNextPage: boolean; endCursor: string | null } } } | null }
      }
      answers.push(answer)
      const place = answer.data.user?.entries.pageInfo
      more = place?.hasNextPage ?? false
      after = place?.endCursor ?? null
    }
    return answers
  }
}

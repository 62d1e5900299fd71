import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { newWorld, type Person, type World } from '../../db/world.ts'
import { startService, type TestService, testToken } from '../../support/service.ts'
import {
  DASHBOARD,
  ENTRIES,
  EXPORTED_ENTRIES,
  EXPORTED_SEARCH,
  KEPT_ENTRIES,
  KEPT_PERSON,
  PERSON,
  SEARCH,
} from './model/documents.ts'
import { orders } from './model/filters.ts'
import { ids, todayOf } from './model/ids.ts'
import { allIds, answered, lookers, nodesAnswered, rowsNow, zoneAtNoon } from './model/looking.ts'
import type { Rows } from './model/rows.ts'
import { newWorldOf } from './model/second-world.ts'
import { seenBy } from './model/seen.ts'
import { anyGrants, anyStep, newScene, take } from './model/steps.ts'

const limits = { cost: 1e9, viewerCostPerMinute: 1e12, exportsPerHour: 1e6, exportedRowsPerHour: 1e9 }
let world: World
let service: TestService
/** The same on the same database, but that it keeps answers. */
let keeping: TestService
beforeAll(async () => {
  world = await newWorld()
  service = await startService({ database: world.database, limits })
  keeping = await startService({ database: world.database, limits, refereed: false, config: { cache: true } })
})
afterAll(async () => {
  await keeping.stop()
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
        const sessionId = await openSession(viewer)
        const second = await newWorldOf(world.database, rows, shown)
        const other = await startService({ database: second, limits })
        try {
          const asked = [...questionsOf(rows, viewer, owners), ...exportsOf({ viewer, sessionId }, owners)]
          for (const ask of asked) {
            expect(await ask(service)).toEqual(await ask(other))
            compared += 1
          }
          for (const ask of keepableOf(rows, viewer, owners)) {
            const told = await ask(other)
            expect(await ask(keeping)).toEqual(told)
            // From here on it is kept, where anything is shown.
            expect(await ask(keeping)).toEqual(told)
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
  expect(linesExported).toBeGreaterThan(40)
  expect(keeping.app.cache?.stats().hits).toBeGreaterThan(10)
}, 120_000)

/** All that somebody asks about these people, and what they find. */
function questionsOf(rows: Rows, viewer: Person, owners: readonly Person[]): Ask[] {
  const search = (text: string) => (asked: TestService) => answered(asked, viewer, SEARCH, { text })
  const texts = ['item', 'note', 'one', 'Prayer', 'secret', 'Reading -item']
  return [
    ...texts.map(search),
    ...owners.flatMap((owner) => {
      const about = asking(rows, viewer, owner)
      return [
        about(PERSON, {}),
        about(DASHBOARD, {}),
        ...orders.map((orderBy) => pages(about, orderBy)),
        (asked: TestService) => nodesAnswered(asked, viewer, allIds(rows, owner.id)),
      ]
    }),
  ]
}

/** What is asked of these people that may be kept. */
function keepableOf(rows: Rows, viewer: Person, owners: readonly Person[]): Ask[] {
  return owners.flatMap((owner) => {
    const about = asking(rows, viewer, owner)
    return [about(KEPT_PERSON, {}), about(DASHBOARD, {}), ...orders.map((orderBy) => about(KEPT_ENTRIES, { orderBy }))]
  })
}

/** Asks about one person, by the days before theirs. */
function asking(rows: Rows, viewer: Person, owner: Person) {
  const today = todayOf(rows, owner.id)
  const range = { from: addDays(today, -11), to: addDays(today, 1) }
  const common = { user: ids.user(owner.id), range, day: addDays(today, -1) }
  return (document: string, variables: object) => (asked: TestService) =>
    answered(asked, viewer, document, { ...common, ...variables })
}

/** For exports, which begin by asking whether it goes on. Answers its id. */
async function openSession(viewer: Person): Promise<string> {
  const text =
    "insert into sessions (user_id, expires_at) values ($1, now() + interval '1 day') returning session_id as id"
  const [session] = await world.admin(text, [viewer.id])
  return session?.id
}

/** What somebody exports of these people, and of what they find: in both formats, each in an order of its own. */
function exportsOf(viewer: Exporter, owners: readonly Person[]): Ask[] {
  return Object.entries({ csv: 'DATE_ASC', jsonl: 'UPDATED_DESC' }).flatMap(([format, orderBy]) => [
    exporting(viewer, EXPORTED_SEARCH, { text: 'item' }, format),
    ...owners.map((owner) => exporting(viewer, EXPORTED_ENTRIES, { user: ids.user(owner.id), orderBy }, format)),
  ])
}

interface Exporter {
  readonly viewer: Person
  readonly sessionId: string
}

let linesExported = 0

/** Status and text, without what is different in each request. */
function exporting({ viewer, sessionId }: Exporter, document: string, variables: object, format: string): Ask {
  return async ({ app }) => {
    const { statusCode, body } = await app.http.inject({
      url: '/export',
      query: { document, variables: JSON.stringify(variables), format },
      headers: { authorization: `Bearer ${testToken({ userId: viewer.id, sessionId })}` },
    })
    if (statusCode === 200) linesExported += body.trim().split('\n').length
    return [statusCode, body.replaceAll(/"requestId":"[^"]*"/g, '')]
  }
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

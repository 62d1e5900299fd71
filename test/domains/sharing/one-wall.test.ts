// The application asks only for what the viewer may see; the policies of the database ask again. Here the first of the two walls is
// taken away for people who are shown a part of somebody's diary, condition by condition: of the rest they get no row.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { newWorld, type Person, type World } from '../../db/world.ts'
import { idsFrom, rowsAmong } from '../../support/rows-by-id.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Condition, conditionsIn, watching, withoutConditions } from '../../support/walls.ts'
import { DASHBOARD, ENTRIES, PERSON, SEARCH } from './model/documents.ts'
import { ids, todayOf } from './model/ids.ts'
import { allIds, answered, lookers, nodesAnswered, rowsNow, zoneAtNoon } from './model/looking.ts'
import type { Rows } from './model/rows.ts'
import { seenBy } from './model/seen.ts'
import { anyGrants, anyStep, newScene, type Scene, take } from './model/steps.ts'

let world: World
let service: TestService
let scene: Scene
let looks: Look[]
beforeAll(async () => {
  world = await newWorld()
  const limits = { cost: 1e9, viewerCostPerMinute: 1e12 }
  service = await startService({ database: world.database, limits, refereed: false })
  await idsFrom(world.database, 7_000_000_000)
  scene = await newScene(world, zoneAtNoon())
  // Any steps do that leave something shared and something not: the same ones in each run.
  const [grants = []] = fc.sample(anyGrants, { numRuns: 1, seed: 20 })
  for (const step of [...grants, ...fc.sample(anyStep, { numRuns: 80, seed: 20 })]) {
    if (step.do !== 'ends') await take(world, scene, step)
  }
  const rows = await rowsNow(service, scene)
  looks = lookers(scene).flatMap(([viewer, owner]) => looksOf(rows, viewer, owner))
}, 60_000)
afterAll(async () => {
  await service.stop()
  await world.stop()
})

/** Somebody asks something about somebody. */
interface Look {
  readonly ask: () => Promise<unknown>
  /** By id, the tables of what they may not be told of. */
  readonly hidden: ReadonlyMap<string, string>
}

function looksOf(rows: Rows, viewer: Person, owner: Person): Look[] {
  const today = todayOf(rows, owner.id)
  const range = { from: addDays(today, -11), to: addDays(today, 1) }
  const variables = { user: ids.user(owner.id), range, day: addDays(today, -1), text: 'item' }
  const hidden = hiddenFrom(rows, viewer.id, owner.id)
  return [
    ...[PERSON, DASHBOARD, ENTRIES, SEARCH].map((document) => () => answered(service, viewer, document, variables)),
    () => nodesAnswered(service, viewer, allIds(rows, owner.id)),
  ].map((ask) => ({ ask, hidden }))
}

function hiddenFrom(rows: Rows, viewer: string, owner: string): Map<string, string> {
  const { items, deeds } = seenBy(rows, viewer, owner)
  const isOfItem = ({ item }: { item: string }) => items.some(({ id }) => id === item)
  const isOfDeed = ({ deed }: { deed: string }) => deeds.some(({ id }) => id === deed)
  const hidden = {
    deeds: rows.deeds.filter((row) => !deeds.some(({ id }) => id === row.id)),
    deed_items: rows.items.filter((row) => !items.some(({ id }) => id === row.id)),
    scales: rows.scales.filter((row) => !isOfDeed(row)),
    scale_values: rows.values.filter((row) => !isOfDeed(row)),
    entry_history: rows.changes.filter((row) => !isOfItem(row)),
  }
  return new Map(
    Object.entries(hidden).flatMap(([table, some]) =>
      some.filter((row) => row.owner === owner).map(({ id }) => [id, table] as const),
    ),
  )
}

interface Finding {
  readonly statement: string
  readonly tables?: readonly string[]
  readonly error?: string
}

/** What is above an item that is shown stands in its row; whoever answers leaves it out where it is not shown. */
const withoutParent = (row: unknown) => ({ ...(row as object), parentId: null })

/** Which statements answered what is hidden, or could not be understood, without the conditions that are meant. */
async function lookWithout(isMeant: (condition: Condition) => boolean, some: readonly Look[]): Promise<Finding[]> {
  const found: Finding[] = []
  for (const { ask, hidden } of some) {
    const rewrite = (text: string) => withoutConditions(text, isMeant)
    await watching(
      {
        rewrite,
        onAnswer(statement, { rows, error }) {
          const tables = rowsAmong(hidden, rows.map(withoutParent))
          if (tables.length > 0) found.push({ statement, tables })
          const { code = '', message } = error ?? {}
          if (code.startsWith('42')) found.push({ statement, error: message ?? '' })
        },
      },
      ask,
    )
  }
  return found
}

/** How the conditions of all statements read, each with what was asked when one of them was sent. */
async function conditionsSent(): Promise<ReadonlyMap<string, readonly Look[]>> {
  const sent = new Map<string, Set<Look>>()
  for (const look of looks) {
    const onAnswer = (text: string) => {
      for (const { words } of conditionsIn(text)) sent.set(words, (sent.get(words) ?? new Set()).add(look))
    }
    await watching({ onAnswer }, look.ask)
  }
  return new Map([...sent].map(([words, some]) => [words, [...some]]))
}

test('SHA-8 without any one condition, wherever it is asked, the policies still hide what is not shared', async () => {
  const sent = await conditionsSent()
  const found: Finding[] = []
  for (const [words, some] of sent) found.push(...(await lookWithout((condition) => condition.words === words, some)))
  expect(found).toEqual([])
  expect(sent.size).toBeGreaterThan(40)
}, 120_000)

test('SHA-8 without all conditions at once the policies still hide what is not shared', async () => {
  expect(await lookWithout(() => true, looks)).toEqual([])
}, 60_000)

test('it would be seen if a policy let something through', async () => {
  const { superuser } = world.database
  const { rows } = await superuser.query(
    "select qual from pg_policies where tablename = 'deed_items' and policyname = 'kitaab_app_select'",
  )
  await superuser.query('alter policy kitaab_app_select on deed_items using (true)')
  expect(await lookWithout(() => true, looks)).not.toEqual([])
  await superuser.query(`alter policy kitaab_app_select on deed_items using (${rows[0].qual})`)
  expect(await lookWithout(() => true, looks)).toEqual([])
}, 60_000)

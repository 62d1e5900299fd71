// The application asks only for what the viewer may see; the policies of the database ask again. Here the first of the two walls is
// taken away, condition by condition, in the statements on their way: the second one alone lets nothing through.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { newWorld, type World } from '../../db/world.ts'
import { startService, type TestService } from '../../support/service.ts'
import { rewriting, withoutCondition } from '../../support/statements.ts'
import { expectAsModelled, lookers, rowsNow, zoneAtNoon } from './model/looking.ts'
import { anyGrants, anyStep, newScene, type Scene, take } from './model/steps.ts'

let world: World
let service: TestService
let scene: Scene
beforeAll(async () => {
  world = await newWorld()
  service = await startService({ database: world.database, limits: { cost: 1e9, viewerCostPerMinute: 1e12 } })
  scene = await newScene(world, zoneAtNoon())
  // Any steps do that leave something shared and something not: the same ones in each run.
  const [grants = []] = fc.sample(anyGrants, { numRuns: 1, seed: 20 })
  for (const step of [...grants, ...fc.sample(anyStep, { numRuns: 80, seed: 20 })]) {
    if (step.do !== 'ends') await take(world, scene, step)
  }
}, 60_000)
afterAll(async () => {
  await service.stop()
  await world.stop()
})

/** How each condition begins in the statements that ask for what may be seen. */
const conditions = {
  deeds: /\("deeds"\."user_id" = \$\d+ or exists \(/,
  items: /\("deed_items"\."user_id" = \$\d+ or exists \(/,
  'items of entries and changes': /\(deed_items\.user_id = \$\d+ or exists \(/,
  people: /\(users\.user_id = \$\d+ or exists \(/,
  'relations that were asked of one': /"relations"\."requestee_id" = \$\d+/,
  'relations that one asked for': /"relation_requests"\."user_id" = \$\d+/,
  'whom an item was granted to': /"item_access"\."viewer_id" = \$\d+/,
}

async function lookWithout(...beginnings: RegExp[]) {
  let removed = 0
  const without = (text: string) => {
    const rewritten = beginnings.reduce(withoutCondition, text)
    if (rewritten !== text) removed += 1
    return rewritten
  }
  const rows = await rowsNow(service, scene)
  await rewriting(without, async () => {
    for (const pair of lookers(scene)) await expectAsModelled(service, pair, rows, [[{}, 'DATE_DESC']])
  })
  return removed
}

test.each(Object.entries(conditions))(
  'without the condition on %s the policies still hide all of others',
  async (_, beginning) => {
    // None: the condition reads otherwise now, and stands here in vain.
    expect(await lookWithout(beginning)).toBeGreaterThan(0)
  },
)

test('without all conditions at once the policies still hide all of others', async () => {
  expect(await lookWithout(...Object.values(conditions))).toBeGreaterThan(0)
})

test('it would be seen if a policy let something through', async () => {
  const { superuser } = world.database
  const { rows } = await superuser.query(
    "select qual from pg_policies where tablename = 'deed_items' and policyname = 'kitaab_app_select'",
  )
  await superuser.query('alter policy kitaab_app_select on deed_items using (true)')
  await expect(lookWithout(conditions.items)).rejects.toThrow('toEqual')
  await superuser.query(`alter policy kitaab_app_select on deed_items using (${rows[0].qual})`)
  await lookWithout(conditions.items)
})

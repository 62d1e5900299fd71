import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals'
import { runJobs } from '../../../support/jobs.ts'
import type { TestPerson } from '../../../support/people.ts'
import { type PointsScan, type TiersWorld, tiersWorld } from './tiers-world.ts'

export const moveFields = 'id kind status progress error estimatedSeconds bytes createdAt finishedAt scan { id }'

const dayMs = 24 * 3_600_000
export const inDays = (count: number) => new Date(Date.now() + count * dayMs)

/** What the tests of a file share. For each test there are new people, and a project of Leila's. */
interface Shared {
  world: TiersWorld
  leila: TestPerson
  budi: TestPerson
  project: { id: string }
}

/** Points that people put away and bring back, and what they see of it. Within a `describe`. */
export function withTiers() {
  const tiers = {} as Shared
  beforeAll(async () => {
    tiers.world = await tiersWorld()
  }, 60_000)
  afterAll(() => tiers.world.stop())
  beforeEach(async () => {
    tiers.leila = await tiers.world.newPerson('Leila')
    tiers.budi = await tiers.world.newPerson('Budi')
    tiers.project = await tiers.world.surveys.newProject(tiers.leila)
  })

  const ask = (name: 'archiveScan' | 'restoreScan', { id }: { id: string }, as = tiers.leila) =>
    tiers.world.surveys.ask(
      as,
      `mutation ($id: ID!) { answer: ${name}(input: { scanId: $id }) { move { ${moveFields} } scan { storageTier } } }`,
      { id },
    )
  const asked = async (name: 'archiveScan' | 'restoreScan', scan: { id: string }) => {
    const { data, errors } = await ask(name, scan)
    expect(errors ?? []).toEqual([])
    return data.answer
  }
  const seen = async ({ id }: { id: string }, as = tiers.leila) => {
    const { data, errors } = await tiers.world.surveys.ask(
      as,
      `query ($id: ID!) { node(id: $id) { ... on Scan { storageTier data footprint lastReadAt version move { ${moveFields} } } } }`,
      { id },
    )
    expect(errors ?? []).toEqual([])
    return data.node
  }
  const moved = async (name: 'archiveScan' | 'restoreScan', scan: PointsScan) => {
    await asked(name, scan)
    await runJobs(tiers.world.service)
    expect((await seen(scan)).storageTier).toBe(name === 'archiveScan' ? 'COLD' : 'HOT')
  }
  const archived = (scan: PointsScan) => moved('archiveScan', scan)

  return { tiers, ask, asked, seen, moved, archived }
}

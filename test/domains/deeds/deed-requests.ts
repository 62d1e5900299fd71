import { expect } from '@jest/globals'
import type { Viewer } from '../../../src/platform/viewer.ts'
import type { DeedsWorld } from '../../support/deeds.ts'

const deedFields = /* GraphQL */ `
  fragment Deed on Deed {
    id name category description measure unit displayOrder isHidden version itemCount
    items { id parentId name level displayOrder hasChildren path { name } children { id name level children { id name level } } }
    scale { versionNumber effectiveFrom effectiveTo isLocked values { name order score normalizedScore color lineageKey } }
    scales { versionNumber }
  }`

const CREATE = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) { createDeed(input: $input) { deed { ...Deed } } } ${deedFields}`
const UPDATE = /* GraphQL */ `
  mutation UpdateDeed($input: UpdateDeedInput!) { updateDeed(input: $input) { deed { ...Deed } } } ${deedFields}`

/** Asks as `as` for a new deed: of good deeds, counted, unless the input says otherwise. */
export const createDeed = (world: DeedsWorld, as: Viewer, input: object) =>
  world.ask(as, CREATE, { input: { category: 'HASANAAT', measure: 'COUNT', ...input } })

/** Asks as `as` for a change of a deed. */
export const updateDeed = (world: DeedsWorld, as: Viewer, input: object) => world.ask(as, UPDATE, { input })

/** The deed that was made; a refusal fails the test. */
export async function createdDeed(world: DeedsWorld, as: Viewer, input: object) {
  const answer = await createDeed(world, as, input)
  expect(answer.errors).toBeUndefined()
  return answer.data.createDeed.deed
}

/** The deed as changed; a refusal fails the test. */
export async function updatedDeed(world: DeedsWorld, as: Viewer, input: object) {
  const answer = await updateDeed(world, as, input)
  expect(answer.errors).toBeUndefined()
  return answer.data.updateDeed.deed
}

/** Three values, ranked, none of them scored. */
export const scale = [{ name: 'missed' }, { name: 'late' }, { name: 'on time', color: '#00aa00' }]

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { deedChanges, newDeed } from '../../../src/domains/deeds/rules/new-deed.ts'
import { type ItemInput, itemLevels } from '../../../src/domains/deeds/rules/new-items.ts'
import { newScaleValues } from '../../../src/domains/deeds/rules/new-scale.ts'
import {
  deedsAsSeen,
  growTree,
  heightBelow,
  itemsAsSeen,
  type Placed,
  subtreeOf,
  withPlace,
} from '../../../src/domains/deeds/rules.ts'
import { extensionsOf } from '../../support/diaries.ts'

const field = 'input.items'

function refused(work: () => unknown): Record<string, unknown> {
  try {
    work()
  } catch (error) {
    return extensionsOf(error)
  }
  return {}
}

/** Items such as `a` (a root), `ab` (below a) and `abc` (below ab), each the first of its siblings unless named with a digit. */
const items = (...ids: string[]): Placed[] =>
  ids.map((itemId) => ({
    itemId,
    parentId: itemId.slice(0, -1) || null,
    level: itemId.length,
    displayOrder: itemId.charCodeAt(itemId.length - 1),
  }))
const ids = (rows: readonly Placed[]) => rows.map((row) => row.itemId)

/** A line of items, each below the one before. */
function line(length: number): ItemInput[] {
  let below: ItemInput[] = []
  for (let level = length; level > 0; level -= 1) below = [{ name: `level ${level}`, children: below }]
  return below
}

test('a tree is in display order, each parent before its children', () => {
  const tree = growTree(items('a', 'b', 'aa', 'ab', 'ba', 'aba'))
  expect(ids(tree.items)).toEqual(['a', 'aa', 'ab', 'aba', 'b', 'ba'])
  expect(ids(tree.roots)).toEqual(['a', 'b'])
  expect(ids(tree.childrenOf('a'))).toEqual(['aa', 'ab'])
  expect(ids(tree.pathTo('aba'))).toEqual(['a', 'ab', 'aba'])
  expect(tree.pathTo('nowhere')).toEqual([])
  expect(subtreeOf(tree, 'a')).toEqual(['a', 'aa', 'ab', 'aba'])
  expect(heightBelow(tree, 'a')).toBe(2)
  expect(heightBelow(tree, 'ba')).toBe(0)
})

test('SHA-6 levels, places and parents begin at the highest visible item', () => {
  // Of a > ab > abb, b > bc > bcc only these four are shared.
  expect(itemsAsSeen(items('bc', 'abb', 'abc', 'bcc'))).toEqual([
    { itemId: 'bc', parentId: null, level: 1, displayOrder: 0 },
    { itemId: 'abb', parentId: null, level: 1, displayOrder: 1 },
    { itemId: 'abc', parentId: null, level: 1, displayOrder: 2 },
    { itemId: 'bcc', parentId: 'bc', level: 2, displayOrder: 0 },
  ])
})

test('SHA-8 places of shared deeds count those that are visible', () => {
  const deeds = [
    { category: 'hasanaat', displayOrder: 3 },
    { category: 'hasanaat', displayOrder: 7 },
    { category: 'saiyyiaat', displayOrder: 2 },
  ]
  expect(deedsAsSeen(deeds).map((deed) => deed.displayOrder)).toEqual([0, 1, 0])
})

test('an id takes its place among the others, or the last one', () => {
  expect(withPlace(['a', 'b', 'c'], 'c', 0)).toEqual(['c', 'a', 'b'])
  expect(withPlace(['a', 'b', 'c'], 'a', 1)).toEqual(['b', 'a', 'c'])
  expect(withPlace(['a', 'b', 'c'], 'b', 99)).toEqual(['a', 'c', 'b'])
  expect(withPlace(['a', 'b'], 'new', null)).toEqual(['a', 'b', 'new'])
})

test('TREE-1 at most 10 levels are made, counted from the top', () => {
  expect(itemLevels(line(10), { field })).toHaveLength(10)
  expect(itemLevels(line(7), { field, depth: 3 })).toHaveLength(7)
  expect(refused(() => itemLevels(line(11), { field }))).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'TOO_DEEP' })
  expect(refused(() => itemLevels(line(8), { field, depth: 3 }))).toMatchObject({ reason: 'TOO_DEEP' })
})

test('at most 500 items are made at once, over all levels', () => {
  const wide = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `item ${index}` }))
  const rooted = (count: number) => [{ name: 'root', children: wide(count) }]
  expect(itemLevels(rooted(499), { field }).flat()).toHaveLength(500)
  expect(refused(() => itemLevels(rooted(500), { field }))).toMatchObject({ reason: 'TOO_MANY', field })
})

test('TREE-3 two siblings of one name are refused, however it is written', () => {
  const twins = (one: string, other: string) =>
    refused(() => itemLevels([{ name: 'Prayer', children: [{ name: one }, { name: other }] }], { field }))
  const taken = { code: 'BAD_USER_INPUT', reason: 'DUPLICATE_NAME', field: 'input.items[0].children[1].name' }
  expect(twins('Fajr', 'FAJR')).toEqual(taken)
  expect(twins('caf\u00e9', 'cafe\u0301')).toEqual(taken)
  expect(twins(' Fajr ', 'Fajr')).toEqual(taken)
  expect(twins('Fajr', 'Isha')).toEqual({})
  // Cousins may have one name.
  expect(itemLevels([line(2), [{ ...line(2)[0], name: 'other' }]].flat() as ItemInput[], { field })).toHaveLength(2)
})

test('SCA-3 scores are within 0..1, for all values or for none', () => {
  const scores = (...given: (string | null)[]) =>
    refused(() =>
      newScaleValues(
        given.map((score, place) => ({ name: `value ${place}`, score })),
        'input.scale',
      ),
    )
  expect(scores('0', '0.5', '1')).toEqual({})
  expect(scores(null, null)).toEqual({})
  expect(scores('0', null)).toEqual({ code: 'BAD_USER_INPUT', reason: 'CONTRADICTORY', field: 'input.scale' })
  expect(scores('1.001')).toEqual({ code: 'BAD_USER_INPUT', reason: 'INVALID_AMOUNT', field: 'input.scale[0].score' })
  expect(scores('0', '-0.1')).toMatchObject({ reason: 'INVALID_AMOUNT', field: 'input.scale[1].score' })
  expect(scores()).toEqual({ code: 'BAD_USER_INPUT', reason: 'EMPTY_LIST', field: 'input.scale' })
  expect(scores(...Array(51).fill(null))).toMatchObject({ reason: 'TOO_MANY' })
})

test('SCA-4 a scale goes with SCALE and a unit with COUNT', () => {
  const deed = { category: 'hasanaat', name: 'Prayer' } as const
  const scale = [{ name: 'late' }]
  expect(refused(() => newDeed({ ...deed, measure: 'scale' }))).toMatchObject({ field: 'input.scale' })
  expect(refused(() => newDeed({ ...deed, measure: 'scale', scale, unit: 'pages' }))).toMatchObject({
    field: 'input.unit',
  })
  expect(refused(() => newDeed({ ...deed, measure: 'count', scale }))).toMatchObject({ field: 'input.scale' })
  expect(newDeed({ ...deed, measure: 'scale', scale }).scale).toHaveLength(1)
  expect(newDeed({ ...deed, measure: 'count', unit: ' pages ' }).unit).toBe('pages')
})

test('a change names only what it changes', () => {
  const counted = { measure: 'count' } as const
  expect(deedChanges({}, counted)).toEqual({ changes: {}, scale: [] })
  expect(deedChanges({ name: 'New', description: null }, counted).changes).toEqual({ name: 'New', description: null })
  expect(deedChanges({ unit: null, isHidden: true }, counted).changes).toEqual({ unit: null, isHidden: true })
  expect(deedChanges({ measure: 'count' }, counted).changes).toEqual({})
  expect(deedChanges({ measure: 'scale', scale: [{ name: 'a' }] }, counted).changes).toEqual({
    measure: 'scale',
    unit: null,
  })
  expect(refused(() => deedChanges({ scale: [{ name: 'a' }] }, counted))).toMatchObject({ field: 'input.scale' })
  expect(refused(() => deedChanges({ unit: 'pages' }, { measure: 'scale' }))).toMatchObject({ field: 'input.unit' })
})

test('texts have their bounds', () => {
  const deed = { category: 'hasanaat', measure: 'count' } as const
  const problem = (input: object) => refused(() => newDeed({ ...deed, name: 'x', ...input }))
  expect(problem({ name: 'n'.repeat(200), description: 'd'.repeat(2_000), unit: 'u'.repeat(50) })).toEqual({})
  expect(problem({ name: 'n'.repeat(201) })).toMatchObject({ reason: 'INVALID_TEXT', field: 'input.name' })
  expect(problem({ name: '  ' })).toMatchObject({ reason: 'INVALID_TEXT', field: 'input.name' })
  expect(problem({ description: 'd'.repeat(2_001) })).toMatchObject({
    reason: 'INVALID_TEXT',
    field: 'input.description',
  })
  expect(problem({ unit: 'u'.repeat(51) })).toMatchObject({ reason: 'INVALID_TEXT', field: 'input.unit' })
})

test('SHA-8 seen items stand as if nothing but them had ever been, whatever is shared', () => {
  const letters = fc.constantFrom('a', 'b', 'c')
  const path = fc.array(letters, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 15 }), (shared) => {
      const order = (a: string, b: string) => a.length - b.length || (a < b ? -1 : 1)
      const seen = itemsAsSeen(items(...shared.toSorted(order)))
      for (const item of seen) {
        const above = item.itemId.slice(0, -1)
        const parent = seen.find((other) => other.itemId === above)
        expect(item.parentId).toBe(parent?.itemId ?? null)
        expect(item.level).toBe((parent?.level ?? 0) + 1)
      }
      // Places count from 0 without a gap: none tells of a sibling that is not there.
      for (const siblings of Map.groupBy(seen, (item) => item.parentId).values()) {
        expect(siblings.map((item) => item.displayOrder)).toEqual(siblings.map((_, place) => place))
      }
    }),
  )
})

// A plain model of a diary, and the real one, taken through the same steps.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { changesOfEntry } from '../../../src/domains/entries/queries/changes.ts'
import { entriesOfOwner } from '../../../src/domains/entries/queries.ts'
import { type Diarist, type DiaryWorld, newDiaryWorld, newShelf } from './world.ts'

let world: DiaryWorld
beforeAll(async () => {
  world = await newDiaryWorld()
})
afterAll(() => world.stop())

interface Value {
  amount: number
  notes: string | null
}
interface Change {
  action: string
  oldValue: Value | null
  newValue: Value | null
}
/** What a day holds; `version` 0 where there never was anything. */
interface Day {
  value: Value | null
  version: number
  history: Change[]
}
interface Step {
  kind: 'record' | 'increment' | 'note' | 'clear'
  item: number
  day: number
  amount: number
  notes: string | null | undefined
  expected: 'none' | 'current' | 'stale'
}

const days = ['2026-02-27', '2026-02-28', '2026-03-01']
const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('record', 'record', 'increment', 'note', 'clear'),
    item: fc.integer({ min: 0, max: 1 }),
    day: fc.integer({ min: 0, max: 2 }),
    amount: fc.integer({ min: -2, max: 3 }),
    notes: fc.constantFrom(undefined, undefined, null, 'a', 'b'),
    expected: fc.constantFrom('none', 'none', 'none', 'current', 'stale'),
  }),
  { minLength: 1, maxLength: 25 },
)

/** What a step comes to by the rules' words alone, and the day after it. */
function expectation(day: Day, step: Step): { status: string; after: Day } {
  const refused = (reason: string) => ({ status: reason, after: day })
  const notes = step.notes === undefined ? (day.value?.notes ?? null) : step.notes
  const current = day.value ? day.version : 0
  if (step.kind === 'note' && !day.value) return refused('NOTHING_RECORDED')
  if (step.expected === 'stale') return refused('STALE_VERSION')
  if (step.kind === 'clear') {
    if (!day.value) return { status: 'null', after: day }
    return { status: 'previous', after: changed(day, 'cleared', null) }
  }
  const base = step.kind === 'record' ? 0 : (day.value?.amount ?? 0)
  const amount = step.kind === 'note' ? base : base + step.amount
  if (amount < 0) return refused('INVALID_AMOUNT')
  if (day.value && day.value.amount === amount && day.value.notes === notes) return { status: 'UNCHANGED', after: day }
  const action = day.value ? 'updated' : day.version > 0 ? 'restored' : 'created'
  expect(current).toBeLessThanOrEqual(day.version)
  return { status: day.value ? 'UPDATED' : 'CREATED', after: changed(day, action, { amount, notes }) }
}

function changed(day: Day, action: string, newValue: Value | null): Day {
  const history = [...day.history, { action, oldValue: day.value, newValue }]
  return { value: newValue, version: day.version + 1, history }
}

async function carryOut(diarist: Diarist, itemId: string, day: Day, step: Step, key: string): Promise<string> {
  const current = day.value ? day.version : 0
  const expectedVersion = { none: undefined, current, stale: current + 7 }[step.expected]
  const place = { itemId, date: days[step.day] ?? '', expectedVersion }
  const amount = String(step.amount)
  const value = { record: { count: amount }, increment: { incrementBy: amount }, note: {}, clear: {} }[step.kind]
  try {
    if (step.kind === 'clear') return (await diarist.clear(place)).previous ? 'previous' : 'null'
    const notes = step.notes === undefined ? {} : { notes: step.notes }
    return (await diarist.record({ ...place, ...value, ...notes }, key)).status
  } catch (error) {
    return (error as { extensions: { reason: string } }).extensions.reason
  }
}

test('ENT-2 ENT-3 ENT-4 ENT-6 ENT-8 any sequence of records, increments, notes and clears leaves what a plain model says', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      run += 1
      const diarist = await world.newDiarist(`model_${run}`)
      const { book, magazine } = await newShelf(diarist)
      const items = [book, magazine]
      const model = new Map<string, Day>()
      for (const [index, step] of sequence.entries()) {
        const name = `${step.item}:${step.day}`
        const day = model.get(name) ?? { value: null, version: 0, history: [] }
        const { status, after } = expectation(day, step)
        expect(await carryOut(diarist, items[step.item] ?? '', day, step, `k${index}`)).toBe(status)
        model.set(name, after)
      }
      const page = await entriesOfOwner(diarist.db, diarist.id, diarist.id, { first: 500 })
      const stored = page.rows.map((row) => [row.itemId, row.date, Number(row.count), row.notes, row.version])
      const expected = [...model].flatMap(([name, { value, version }]) => {
        const [item, day] = name.split(':').map(Number)
        return value ? [[items[item ?? 0], days[day ?? 0], value.amount, value.notes, version]] : []
      })
      expect(stored.sort()).toEqual(expected.sort())
      for (const [name, { history }] of model) {
        const [item, day] = name.split(':').map(Number)
        const place = { ownerId: diarist.id, itemId: items[item ?? 0] ?? '', date: days[day ?? 0] ?? '' }
        const changes = await changesOfEntry(diarist.db, diarist.id, place, { first: 100 })
        const told = changes.rows.map(({ action, oldValue, newValue }) => ({
          action,
          oldValue: oldValue && { amount: Number(oldValue.count), notes: oldValue.notes },
          newValue: newValue && { amount: Number(newValue.count), notes: newValue.notes },
        }))
        expect(told.reverse()).toEqual(history)
      }
    }),
    { numRuns: 40 },
  )
}, 60_000)

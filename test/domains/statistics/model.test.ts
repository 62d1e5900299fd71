// Random diaries, read by the service and by a plain model.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { newUser, type TestPerson } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Diary, deedNames, type Fact, itemNames, newDiary } from './diary.ts'
import { plainStatistics, plainStreak, type Run } from './model.ts'

let service: TestService
let diary: Diary
let budi: TestPerson
beforeAll(async () => {
  service = await startService({ limits: { cost: 20_000 } })
  diary = await newDiary(service)
  budi = await newUser(service.database, 'budi')
  await diary.share(
    deedNames.map((deed) => `${deed} branch`),
    budi,
  )
})
afterAll(() => service.stop())

const TREE = /* GraphQL */ `
  query Tree($user: ID!, $range: DateRange!) {
    user(id: $user) { deeds {
      name category
      statistics(range: $range) { ...All }
      streak { ...Runs }
      itemTree {
        name
        statistics(range: $range) { ...All }
        aloneStatistics: statistics(range: $range, includeDescendants: false) { ...All }
        streak { ...Runs }
        aloneStreak: streak(includeDescendants: false) { ...Runs }
      }
    } }
  }
  fragment All on Statistics {
    entryCount recordedDays missingDays countTotal averagePerRecordedDay averagePerDay averageScore minimum maximum
    distribution { scaleValue { name } entryCount share }
  }
  fragment Runs on Streak { current { length from to } longest { length from to } }`

const valuesOf: Record<string, string[]> = {
  Reading: ['0', '0', '1', '2.5', '0.001'],
  Prayer: ['missed', 'missed', 'late', 'on time'],
  Smoking: ['0', '0', '0', '1', '0.5'],
  Anger: ['calm', 'calm', 'calm', 'cross', 'raging'],
}
const fact = fc.constantFrom(...deedNames).chain((deed) =>
  fc.record<Fact>({
    item: fc.constantFrom(...itemNames.map((name) => `${deed} ${name}`)),
    day: fc.integer({ min: -9, max: 1 }),
    value: fc.constantFrom(...(valuesOf[deed] ?? [])),
  }),
)
/** ENT-2 One entry per item and day. */
const facts = fc.uniqueArray(fact, { selector: ({ item, day }) => `${item} ${day}`, minLength: 0, maxLength: 120 })
const range = fc
  .tuple(fc.integer({ min: -10, max: 2 }), fc.integer({ min: 0, max: 12 }))
  .map(([from, length]) => ({ from, to: from + length }))

const below: Record<string, string[]> = {
  root: ['root', 'branch', 'leaf', 'twig'],
  branch: ['branch', 'leaf'],
  leaf: ['leaf'],
  twig: ['twig'],
}

function dated({ current, longest }: { current: Run | null; longest: Run | null }) {
  const run = (of: Run | null) => of && { length: of.length, from: diary.day(of.from), to: diary.day(of.to) }
  return { current: run(current), longest: run(longest) }
}

/** The service's decimals as numbers, to be near the model's. */
function near({ distribution, ...amounts }: ReturnType<typeof plainStatistics>) {
  const about = (amount: number, places: number) => expect.closeTo(amount, places)
  const shown = Object.entries(amounts).map(([name, amount]) => [
    name,
    amount === null ? null : about(amount, name === 'averageScore' ? 5 : 2),
  ])
  return {
    ...Object.fromEntries(shown),
    distribution: distribution.map(({ name, entryCount, share }) => ({
      scaleValue: { name },
      entryCount,
      share: about(share, 5),
    })),
  }
}

interface Shown {
  distribution: { share: string }[]
  [name: string]: unknown
}
const numbers = ({ distribution, ...amounts }: Shown) => ({
  ...Object.fromEntries(Object.entries(amounts).map(([name, text]) => [name, text === null ? null : Number(text)])),
  distribution: distribution.map((row) => ({ ...row, share: Number(row.share) })),
})

/** Leila reads everything; Budi what is shared with him, as if there were nothing else. */
async function compare(written: readonly Fact[], days: { from: number; to: number }) {
  await diary.fill(written)
  await compareAs(diary.leila, itemNames, written, days)
  await compareAs(budi, below.branch ?? [], written, days)
}

async function compareAs(
  viewer: TestPerson,
  visible: readonly string[],
  written: readonly Fact[],
  days: { from: number; to: number },
) {
  const range = { from: diary.day(days.from), to: diary.day(days.to) }
  const { data, errors } = await diary.ask(TREE, { user: diary.leila.globalId, range }, viewer)
  if (errors) throw new Error(JSON.stringify(errors))
  expect(data.user.deeds).toHaveLength(deedNames.length)
  for (const { name: deed, category, statistics, streak, itemTree } of data.user.deeds) {
    const model = (names: readonly string[]) => {
      const facts = written.filter(({ item }) => names.some((name) => item === `${deed} ${name}`))
      return [near(plainStatistics(facts, days)), dated(plainStreak(category, facts))]
    }
    expect([numbers(statistics), streak]).toEqual(model(visible))
    expect(itemTree).toHaveLength(visible.length)
    for (const item of itemTree) {
      const name = item.name.slice(deed.length + 1)
      expect([numbers(item.statistics), item.streak]).toEqual(model(below[name] ?? []))
      expect([numbers(item.aloneStatistics), item.aloneStreak]).toEqual(model([name]))
    }
  }
}

test('STR-1 streaks and statistics of every deed, item and subtree are those of a plain model, for a delegate over what is shared', async () => {
  await fc.assert(fc.asyncProperty(facts, range, compare), { numRuns: 40 })
})

test('STR-1 so they are over long and dense diaries', async () => {
  const dense = fc.array(
    fc.tuple(...deedNames.flatMap((deed) => itemNames.map(() => fc.constantFrom('', ...(valuesOf[deed] ?? []))))),
    {
      minLength: 60,
      maxLength: 120,
    },
  )
  const columns = deedNames.flatMap((deed) => itemNames.map((name) => `${deed} ${name}`))
  const property = fc.asyncProperty(dense, (rows) =>
    compare(
      rows.flatMap((row, back) =>
        row.flatMap((value, place) => (value === '' ? [] : [{ item: columns[place] ?? '', day: 1 - back, value }])),
      ),
      { from: -90, to: 1 },
    ),
  )
  await fc.assert(property, { numRuns: 8 })
})

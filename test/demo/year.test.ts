import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { demoWorld } from '../../db/demo/world.ts'
import { judgeGoal } from '../../src/domains/progress/rules.ts'
import type { DemoItem, DemoMerit, DemoMeritItem, DemoPerson } from '../../src/domains/transfer/demo/world.ts'
import { type DemoEntry, isRamadan, yearOfEntries } from '../../src/domains/transfer/demo/year.ts'
import { addDays, daysBetween, isoDayOfWeek } from '../../src/platform/civil-dates.ts'

const anyDay = fc.integer({ min: 0, max: 3650 }).map((days) => addDays('2026-01-01', days))

test.each(demoWorld.people.map((person) => [person.fullName, person] as const))(
  'the merits of %s stand as described, on whatever day the world is made',
  (_name, person) => {
    fc.assert(
      fc.property(anyDay, (today) => {
        for (const merit of person.merits)
          expect([merit.title, stateOf(merit, person, today)]).toEqual([merit.title, merit.stands])
      }),
      { numRuns: 25 },
    )
  },
)

test('entries are of the year before today, one a day, and the same every time', () => {
  fc.assert(
    fc.property(anyDay, (today) => {
      for (const { person, path, item } of allHabits()) {
        const entries = yearOfEntries(`${person.username} ${path}`, item.habit, today, person.away)
        expect(entries).toEqual(yearOfEntries(`${person.username} ${path}`, item.habit, today, person.away))
        const dates = entries.map(({ date }) => date)
        expect(dates).toEqual([...new Set(dates)].sort())
        for (const date of dates) {
          expect(daysBetween(date, today)).toBeGreaterThanOrEqual(1)
          expect(daysBetween(date, today)).toBeLessThanOrEqual(365)
          expect(item.habit.weekdays ?? [isoDayOfWeek(date)]).toContain(isoDayOfWeek(date))
        }
      }
    }),
    { numRuns: 3 },
  )
})

test('amounts can be stored: places on a scale within it, counts in multiples of their step', () => {
  for (const { person, path, item, isScale } of allHabits()) {
    for (const { amount } of yearOfEntries(`${person.username} ${path}`, item.habit, '2026-11-20', person.away)) {
      expect(amount).toBeGreaterThanOrEqual(0)
      if (isScale) expect(amount).toBeLessThanOrEqual(1)
      else expect(amount % (item.habit.step ?? 1)).toBe(0)
    }
  }
})

test('a year shows seasons, better habits, and stretches away', () => {
  const { away } = demoWorld.people[0] as DemoPerson
  const morning = allHabits().find(({ path }) => path === 'Quran / Recitation / In the morning')
  if (morning === undefined) throw new Error('Leila recites in the morning.')
  const entries = yearOfEntries('leila', morning.item.habit, '2026-11-20', away)
  const [inRamadan, otherwise] = [
    entries.filter(({ date }) => isRamadan(date)),
    entries.filter(({ date }) => !isRamadan(date)),
  ]
  expect(mean(inRamadan)).toBeGreaterThan(2 * mean(otherwise))
  expect(mean(otherwise.slice(-60))).toBeGreaterThan(mean(otherwise.slice(0, 60)))
  const [first, last] = away[0] ?? [0, 0]
  expect(
    entries.filter(({ date }) => date >= addDays('2026-11-20', -first) && date <= addDays('2026-11-20', -last)),
  ).toEqual([])
})

test('Ramadan is known by the calendar', () => {
  expect([isRamadan('2026-02-17'), isRamadan('2026-02-18'), isRamadan('2026-03-19'), isRamadan('2026-03-20')]).toEqual([
    false,
    true,
    true,
    false,
  ])
})

function mean(entries: readonly DemoEntry[]): number {
  return entries.reduce((sum, { amount }) => sum + amount, 0) / entries.length
}

function allHabits() {
  return demoWorld.people.flatMap((person) =>
    person.deeds.flatMap((deed) =>
      habitsIn(deed.items, deed.name).map((found) => ({ ...found, person, isScale: deed.scale !== undefined })),
    ),
  )
}

type WithHabit = DemoItem & Required<Pick<DemoItem, 'habit'>>

function habitsIn(items: readonly DemoItem[], above: string): { path: string; item: WithHabit }[] {
  return items.flatMap((item) => {
    const path = `${above} / ${item.name}`
    const own = item.habit === undefined ? [] : [{ path, item: { ...item, habit: item.habit } }]
    return [...own, ...habitsIn(item.items ?? [], path)]
  })
}

/** The state of a merit from generated entries alone, judged by the rules of progress. */
function stateOf(merit: DemoMerit, person: DemoPerson, today: string): string {
  const startDate = addDays(today, merit.startsIn)
  const window = { startDate, endDate: addDays(startDate, merit.durationDays - 1) }
  const items = merit.items.map((asked) => ({
    goalItemId: asked.item.join(' / '),
    comparator: asked.comparator,
    target: asked.target,
    isDeleted: false,
    ...measured(asked, person, today, window),
  }))
  return judgeGoal(merit.match ?? 'and', items, window, today).state
}

function measured(
  asked: DemoMeritItem,
  person: DemoPerson,
  today: string,
  window: { startDate: string; endDate: string },
) {
  const deed = person.deeds.find(({ name }) => name === asked.item[0])
  if (deed === undefined) throw new Error(`There is no deed ${asked.item[0]}.`)
  const root = asked.item.join(' / ')
  const steps = (deed.scale?.length ?? 1) - 1
  const wanted = deed.scale?.findIndex(({ name }) => name === asked.value?.name) ?? 0
  const entries = habitsIn(deed.items, deed.name)
    .filter(({ path }) => path === root || path.startsWith(`${root} /`))
    .flatMap(({ path, item }) => yearOfEntries(`${person.username} ${path}`, item.habit, today, person.away))
    .filter(({ date }) => date >= window.startDate && date <= window.endDate)
    .filter(({ amount }) => asked.value === undefined || Math.round(amount * steps) >= wanted)
  let value = 0
  let reachedOn: string | null = null
  for (const { date, amount } of entries.sort((a, b) => a.date.localeCompare(b.date))) {
    value += asked.metric === 'count_sum' ? amount : 1
    if (reachedOn === null && value >= Number(asked.target)) reachedOn = date
  }
  return { value: String(value), reachedOn }
}

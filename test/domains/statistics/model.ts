// Streaks and statistics as the rules' words say them, day by day, without any of the service's code for them.
import type { Fact } from './diary.ts'

export interface Run {
  length: number
  from: number
  to: number
}

/** What each value comes to: above 0 or not is what STR-1 asks for. */
const scores: Record<string, number> = { missed: 0, late: 0.5, 'on time': 1, calm: 0, cross: 0.5, raging: 1 }
const worth = (value: string) => scores[value] ?? Number(value)

/** STR-1 by walking over every day there was, up to today (0). */
export function plainStreak(category: 'HASANAAT' | 'SAIYYIAAT', facts: readonly Fact[]) {
  const first = Math.min(0, ...facts.map(({ day }) => day))
  const runs: Run[] = []
  let current: Run | null = null
  for (let day = first; day <= 0; day += 1) {
    const recorded = facts.filter((fact) => fact.day === day)
    if (recorded.length === 0) {
      if (day < 0 && category === 'HASANAAT') current = null
      continue
    }
    const something = recorded.some(({ value }) => worth(value) > 0)
    if (something !== (category === 'HASANAAT')) {
      current = null
      continue
    }
    if (current === null) {
      current = { length: 0, from: day, to: day }
      runs.push(current)
    }
    current.length += 1
    current.to = day
  }
  const longest = runs.reduce<Run | null>(
    (best, run) => (best === null || run.length >= best.length ? run : best),
    null,
  )
  return { current, longest }
}

/** What entries from `from` to `to` come to; amounts as numbers, null where nothing was recorded. */
export function plainStatistics(facts: readonly Fact[], { from, to }: { from: number; to: number }) {
  const inside = facts.filter(({ day }) => day >= from && day <= to)
  const days = new Set(inside.map(({ day }) => day))
  const counts = inside.filter(({ value }) => scores[value] === undefined).map(({ value }) => Number(value))
  const scored = inside.flatMap(({ value }) => scores[value] ?? [])
  const total = counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0)
  const elapsed = Math.max(0, Math.min(to, 0) - from + 1)
  let missingDays = 0
  for (let day = from; day <= Math.min(to, -1); day += 1) if (!days.has(day)) missingDays += 1
  return {
    entryCount: inside.length,
    recordedDays: days.size,
    missingDays,
    countTotal: total,
    averagePerRecordedDay: total === null ? null : total / days.size,
    averagePerDay: total === null || elapsed === 0 ? null : total / elapsed,
    averageScore: scored.length === 0 ? null : scored.reduce((sum, score) => sum + score, 0) / scored.length,
    minimum: counts.length === 0 ? null : Math.min(...counts),
    maximum: counts.length === 0 ? null : Math.max(...counts),
    distribution: Object.keys(scores).flatMap((name) => {
      const entryCount = inside.filter(({ value }) => value === name).length
      return entryCount === 0 ? [] : [{ name, entryCount, share: entryCount / inside.length }]
    }),
  }
}

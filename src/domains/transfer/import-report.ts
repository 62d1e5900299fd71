import type { PlannedHabit } from './import-plan.ts'

/** What became of a habit. FOUND and ITEM_CREATED: its deed was there already, with its item or without. */
export type HabitOutcome = 'CREATED' | 'FOUND' | 'ITEM_CREATED' | 'LEFT_OUT'

/** What an import did with one habit. */
export interface HabitReport {
  /** Its name in the file; `DEED / ITEM` where the file tells the two apart. */
  habit: string
  /** The name in the file that its deed has, or would get here. */
  deedInFile: string
  outcome: HabitOutcome
  /** The name of its deed here, which differs after a rename, or where another deed had the name; null when left out. */
  deed: string | null
  /** `leftOut`: those of the problems. */
  entries: EntryCounts
  /** Days that say nothing that can be recorded, by the state they had. */
  skipped: Record<string, number>
  /** Settings of the other app that have no place here, in words. */
  notTaken: string[]
}

export interface EntryCounts {
  created: number
  updated: number
  unchanged: number
  leftOut: number
}

/** What was left out, and why: a row of a file, a habit, or one day of it. */
export interface ReportedProblem {
  /** Both null when it is about a habit as it was read. */
  file: string | null
  /** Counted from 1, the header included; null also when it is about the whole file. */
  line: number | null
  habit: string | null
  date: string | null
  reason: string
}

export interface ImportReport {
  habits: HabitReport[]
  problems: ReportedProblem[]
  totals: EntryCounts & { habits: number; deedsCreated: number; skipped: number; problems: number }
}

/** A habit of which nothing went in yet. */
export function emptyReport(habit: PlannedHabit, outcome: HabitOutcome, deed: string | null): HabitReport {
  const { skipped, notTaken } = habit
  const entries = { created: 0, updated: 0, unchanged: 0, leftOut: 0 }
  return {
    habit: labelOf(habit),
    deedInFile: habit.deed?.name ?? habit.name,
    outcome,
    deed,
    entries,
    skipped,
    notTaken,
  }
}

/** What a report calls a habit. */
export function labelOf({ name, deed }: PlannedHabit): string {
  return deed === undefined || deed.name === name ? name : `${deed.name} / ${name}`
}

export function reportOf(habits: HabitReport[], problems: ReportedProblem[]): ImportReport {
  const sum = (amount: (habit: HabitReport) => number) => habits.reduce((total, habit) => total + amount(habit), 0)
  return {
    habits,
    problems,
    totals: {
      habits: habits.length,
      deedsCreated: habits.filter(({ outcome }) => outcome === 'CREATED').length,
      created: sum(({ entries }) => entries.created),
      updated: sum(({ entries }) => entries.updated),
      unchanged: sum(({ entries }) => entries.unchanged),
      leftOut: sum(({ entries }) => entries.leftOut),
      skipped: sum(({ skipped }) => Object.values(skipped).reduce((total, days) => total + days, 0)),
      problems: problems.length,
    },
  }
}

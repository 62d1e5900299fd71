import type { HabitReport, ImportReport, ReportedProblem } from '../import-report.ts'

/** Other apps' exports that are read. */
export type ImportFormat = 'loop' | 'loop-backup' | 'habitbull' | 'csv'

/** A report as the API shows it: bounded, with lists in the place of what is called by any name. */
export interface ShownReport {
  readonly habits: readonly ShownHabit[]
  readonly problems: readonly ReportedProblem[]
  readonly totals: ImportReport['totals']
}

export interface ShownHabit extends Omit<HabitReport, 'skipped' | 'deedInFile'> {
  readonly skipped: readonly { readonly state: string; readonly days: number }[]
}

const mostHabits = 1_000
const mostProblems = 1_000
const mostStates = 20

export function shownReport({ habits, problems, totals }: ImportReport): ShownReport {
  return { habits: habits.slice(0, mostHabits).map(shownHabit), problems: problems.slice(0, mostProblems), totals }
}

function shownHabit({ skipped, notTaken, deedInFile: _deedInFile, ...habit }: HabitReport): ShownHabit {
  const states = Object.entries(skipped).map(([state, days]) => ({ state, days }))
  return { ...habit, notTaken: notTaken.slice(0, mostStates), skipped: states.slice(0, mostStates) }
}

import type { EntryCounts, HabitReport, ImportReport, ReportedProblem } from '../domains/transfer/import-report.ts'
import { withoutControls } from '../domains/transfer/quoted.ts'

/** What an import did, for a person at a terminal. */
export function textOfReport({ habits, problems, totals }: ImportReport, { dryRun }: { dryRun: boolean }): string {
  const lines = [
    ...habits.flatMap(linesOfHabit),
    '',
    ...(problems.length > 0 ? ['Left out:', ...problems.map((problem) => `  ${textOfProblem(problem)}`), ''] : []),
    `${amount(totals.habits, 'habit')} (${amount(totals.deedsCreated, 'new deed')}): ${textOfCounts(totals)}; ` +
      `${amount(totals.skipped, 'day')} without a record; ${amount(totals.problems, 'problem')}.`,
    ...(dryRun ? ['This was a dry run: nothing was written.'] : []),
  ]
  // Names are of the file: what they hold moves no cursor.
  return lines.map(withoutControls).join('\n')
}

function linesOfHabit(report: HabitReport): string[] {
  const states = Object.entries(report.skipped).map(([state, days]) => `${state} ${days}`)
  return [
    `${report.habit}: ${deedOf(report)}`,
    `  entries: ${textOfCounts(report.entries)}`,
    ...(states.length > 0 ? [`  days without a record: ${states.join(', ')}`] : []),
    ...(report.notTaken.length > 0 ? [`  not taken: ${report.notTaken.join('; ')}`] : []),
  ]
}

function deedOf({ deedInFile, deed, outcome }: HabitReport): string {
  const isOther = deed !== deedInFile.normalize('NFC')
  switch (outcome) {
    case 'CREATED':
      return isOther ? `new deed "${deed}", as another deed has the name` : 'new deed'
    case 'FOUND':
      return isOther ? `deed found, now called "${deed}"` : 'deed found'
    case 'ITEM_CREATED':
      return isOther ? `new item in the deed that is called "${deed}" here` : 'new item in the deed'
    case 'LEFT_OUT':
      return 'left out'
  }
}

function textOfCounts({ created, updated, unchanged, leftOut }: EntryCounts): string {
  const counts = `${created} created, ${updated} updated, ${unchanged} unchanged`
  return leftOut > 0 ? `${counts}, ${leftOut} left out` : counts
}

function textOfProblem({ file, line, habit, date, reason }: ReportedProblem): string {
  const place = file === null ? [habit, date] : [line === null ? file : `${file}:${line}`]
  return `${place.filter((part) => part !== null).join(', ')}: ${reason}`
}

function amount(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

import { addDays, isoDayOfWeek } from '../../../platform/civil-dates.ts'
import type { DemoPerson, Habit } from './world.ts'

/** What somebody recorded on a day. */
export interface DemoEntry {
  readonly date: string
  /** An amount, or a place on the scale from 0 (lowest) to 1 (highest). */
  readonly amount: number
  readonly note: string | null
}

export const daysOfYear = 365

/**
 * A year of entries of one habit, up to the day before `today`, in order of date. Nothing is random: the same name, habit and
 * day give the same entries.
 */
export function yearOfEntries(name: string, habit: Habit, today: string, away: DemoPerson['away']): DemoEntry[] {
  const entries: DemoEntry[] = []
  for (let daysAgo = Math.min(habit.since ?? daysOfYear, daysOfYear); daysAgo >= 1; daysAgo -= 1) {
    const date = addDays(today, -daysAgo)
    const isAway = away.some(([first, last]) => daysAgo <= first && daysAgo >= last)
    const isUsual = habit.weekdays?.includes(isoDayOfWeek(date)) ?? true
    if (isAway || !isUsual || !isRecorded(name, habit, daysAgo)) continue
    entries.push({ date, amount: amountOn(name, habit, date, daysAgo), note: noteOn(name, habit, daysAgo) })
  }
  return entries
}

/** From the first number a year ago to the second now. */
function between([then, now]: readonly [number, number], daysAgo: number): number {
  return now + ((then - now) * daysAgo) / daysOfYear
}

function isRecorded(name: string, habit: Habit, daysAgo: number): boolean {
  return chance(`${name} recorded ${daysAgo}`) < between(habit.recorded, daysAgo)
}

function amountOn(name: string, habit: Habit, date: string, daysAgo: number): number {
  // Weeks differ from one another more than days of one week do.
  const week = chance(`${name} week ${Math.floor(daysAgo / 7)}`) + chance(`${name} day ${daysAgo}`) - 1
  const typical = between(habit.typical, daysAgo) * seasonOf(habit, date)
  if (habit.step === undefined) return Math.min(1, Math.max(0, typical + habit.strays * week))
  return Math.max(0, Math.round((typical * (1 + habit.strays * week)) / habit.step) * habit.step)
}

function seasonOf(habit: Habit, date: string): number {
  if (habit.inRamadan !== undefined && isRamadan(date)) return habit.inRamadan
  const month = Number(date.slice(5, 7))
  return month >= 6 && month <= 8 ? (habit.inSummer ?? 1) : 1
}

function noteOn(name: string, { notes = [] }: Habit, daysAgo: number): string | null {
  if (chance(`${name} noted ${daysAgo}`) > 0.06) return null
  return notes[Math.floor(chance(`${name} note ${daysAgo}`) * notes.length)] ?? null
}

const islamicMonth = new Intl.DateTimeFormat('en-u-ca-islamic-umalqura', { month: 'numeric', timeZone: 'UTC' })

/** By the calendar of Umm al-Qura. A civil date has no zone: UTC here means nothing else. */
export function isRamadan(date: string): boolean {
  return islamicMonth.format(Date.parse(`${date}T00:00:00Z`)) === '9'
}

/** A number in 0..1 that looks random, always the same for the same text (FNV-1a, mixed as MurmurHash ends). */
export function chance(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

import type { ReminderCondition } from '../../../generated/database.ts'
import type { NewGoalItem } from '../../progress/queries/write-goals.ts'
import type { GoalState } from '../../progress/rules.ts'
import type { DemoSurvey } from './surveys.ts'
import type { DemoSetting, DemoThings } from './things.ts'

/** A made-up world to look at. All days are counted back from the day it is made, so that it is always recent. */
export interface DemoWorld {
  /** Everybody's. It is public. */
  readonly password: string
  readonly people: readonly DemoPerson[]
  /** For a database that has PostGIS. */
  readonly surveys: readonly DemoSurvey[]
  /** Who serves the others. */
  readonly staff: readonly DemoStaff[]
  readonly relations: readonly DemoRelation[]
  readonly corrections: readonly DemoCorrection[]
  readonly letters: readonly DemoLetter[]
  readonly settings: readonly DemoSetting[]
  readonly things: readonly DemoThings[]
}

export interface DemoPerson extends DemoAccount {
  /** Stretches of days without any entry: `[first, last]`, both days ago. */
  readonly away: readonly (readonly [number, number])[]
  readonly deeds: readonly DemoDeed[]
  readonly merits: readonly DemoMerit[]
  readonly reflections: readonly DemoReflection[]
  readonly reminders: readonly DemoReminder[]
  /** Items that are deleted in the end, with what is below them. */
  readonly deleted?: readonly ItemPath[]
}

export interface DemoAccount {
  readonly email: string
  readonly username: string
  readonly fullName: string
  readonly city: string
  readonly timeZone: string
  readonly dayStartMinutes: number
  readonly weekStart: number
  readonly locale: string
}

export interface DemoStaff extends DemoAccount {
  readonly role: 'support' | 'admin' | 'analyst'
}

/** For every day. */
export interface DemoReminder {
  readonly localTime: string
  readonly condition: ReminderCondition
  readonly title: string | null
}

export interface DemoReflection {
  readonly daysAgo: number
  readonly type: 'hasanaat' | 'saiyyiaat' | 'general'
  readonly message: string
}

/** A message between a person and support. */
export interface DemoLetter {
  /** Whose thread it stands in. */
  readonly person: string
  /** The person, or somebody of support. */
  readonly author: string
  readonly hoursAgo: number
  readonly isRead: boolean
  readonly content: string
}

export interface DemoDeed {
  readonly category: 'hasanaat' | 'saiyyiaat'
  readonly name: string
  readonly description?: string
  /** What is counted; a deed has this or a scale. */
  readonly unit?: string
  /** From the lowest value. */
  readonly scale?: readonly DemoScaleValue[]
  /** The version before it: values of the same name are continued. */
  readonly scaleBefore?: { readonly untilDaysAgo: number; readonly values: readonly DemoScaleValue[] }
  readonly items: readonly DemoItem[]
}

export interface DemoScaleValue {
  readonly name: string
  readonly score: string
  readonly color: string
}

export interface DemoItem {
  readonly name: string
  readonly description?: string
  readonly isPrivate?: boolean
  readonly habit?: Habit
  readonly items?: readonly DemoItem[]
}

/** How somebody records an item over a year. Pairs are a year ago and now; between them it moves evenly. */
export interface Habit {
  /** The share of days that have an entry, 0..1. */
  readonly recorded: readonly [number, number]
  /** What an entry says: a place on the scale, 0 (lowest) to 1 (highest), or an amount. */
  readonly typical: readonly [number, number]
  /** How far entries stray from that: on the scale, or as a share of the amount. */
  readonly strays: number
  /** Amounts are multiples of this; 1 when left out. */
  readonly step?: number
  /** ISO days of the week (1 is Monday); all when left out. */
  readonly weekdays?: readonly number[]
  /** Begun so many days ago; a year when left out. */
  readonly since?: number
  /** What Ramadan, and summer (June to August), make of `typical`: a factor. */
  readonly inRamadan?: number
  readonly inSummer?: number
  /** Written beside some entries. */
  readonly notes?: readonly string[]
}

/** The way to an item: its deed's name, then items from the top. */
export type ItemPath = readonly string[]

export interface DemoMerit {
  readonly deed: string
  readonly title: string
  readonly description?: string
  readonly match?: 'and' | 'or'
  /** Days from the day the world is made: negative is before it. */
  readonly startsIn: number
  readonly durationDays: number
  /** Where it stands on the day the world is made, whichever day that is. */
  readonly stands: GoalState
  readonly items: readonly DemoMeritItem[]
}

export interface DemoMeritItem extends Pick<NewGoalItem, 'metric' | 'comparator' | 'target'> {
  readonly item: ItemPath
  readonly value?: { readonly name: string; readonly match: 'exact' | 'at_or_above' }
}

/** The requester asks to see what is the requestee's; both by e-mail address. */
export interface DemoRelation {
  readonly requester: string
  readonly requestee: string
  readonly accepted: boolean
  readonly grants: readonly DemoGrant[]
}

export interface DemoGrant {
  readonly item: ItemPath
  readonly type: 'read' | 'write'
  readonly sharesNotes: boolean
}

/** An entry that gets a history: recorded, then changed as often as it says. */
export interface DemoCorrection {
  readonly owner: string
  /** Who writes; the owner or a delegate. */
  readonly writer: string
  readonly item: ItemPath
  readonly daysAgo: number
  readonly steps: readonly { readonly value?: string; readonly count?: string; readonly note: string | null }[]
}

// What every importer makes of a file, before anything is written: the same for each app whose exports are read.

/** One day of a habit, ready to be recorded. */
export interface PlannedEntry {
  /** `YYYY-MM-DD` */
  date: string
  /** Exact decimal text with at most 3 places. */
  count: string
  notes: string | null
}

/** A deed that several habits of a plan may be items of. */
export interface PlannedDeed {
  externalKey: string
  name: string
}

/** IMP-1 A habit: it becomes a deed (hasanaat, COUNT) with one item of its name. */
export interface PlannedHabit {
  /** By which it is found again, also after a rename; unique per owner. */
  externalKey: string
  name: string
  /**
   * Where the file tells deeds from items: it becomes an item of this deed. What has neither key here is then found by its
   * name, for it is the person who wrote the names.
   */
  deed?: PlannedDeed
  description: string | null
  unit: string | null
  isHidden: boolean
  entries: PlannedEntry[]
  /** Days that say nothing that can be recorded, by the state they had. */
  skipped: Record<string, number>
  /** Settings of the other app that have no place here, in words. */
  notTaken: string[]
}

/** A row that can't be taken; the rest goes in. */
export interface ImportProblem {
  file: string
  /** Counted from 1, the header included; null when it is about the whole file. */
  line: number | null
  reason: string
}

export interface ImportPlan {
  habits: PlannedHabit[]
  problems: ImportProblem[]
}

/** The file or folder is not what the format says; nothing was read of it. The message says what to do. */
export class UnreadableExport extends Error {
  override readonly name = 'UnreadableExport'
}

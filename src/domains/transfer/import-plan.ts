import type { CsvField } from './csv/fields.ts'

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

/** What an import can be told besides its file. */
export type Remedy =
  | { readonly option: 'dateOrder' }
  | { readonly option: 'columns'; readonly field: CsvField }
  | { readonly option: 'loopBackup' }

const asFlags = {
  dateOrder: () => 'Say which with --date-order DMY or --date-order MDY.',
  columns: (field: string) => `Say which with --columns ${field}=...`,
  loopBackup: () => "Loop's full backup is read with --format loop-backup.",
}
const asInput: typeof asFlags = {
  dateOrder: () => 'Say which with `dateOrder`, DMY or MDY.',
  columns: (field) => `Say which with \`columns: { ${field}: "..." }\`.`,
  loopBackup: () => "Loop's full backup is read with `format: LOOP_BACKUP`.",
}

/** The file or folder is not what the format says; nothing was read of it. The message says what to do. */
export class UnreadableExport extends Error {
  override readonly name = 'UnreadableExport'
  /** The message for whoever asked by the API: it names fields of the input, the other one options of the command. */
  readonly forInput: string

  constructor(problem: string, remedy?: Remedy) {
    super(remedied(problem, remedy, asFlags))
    this.forInput = remedied(problem, remedy, asInput)
  }
}

function remedied(problem: string, remedy: Remedy | undefined, words: typeof asFlags): string {
  if (remedy === undefined) return problem
  const field = remedy.option === 'columns' ? remedy.field : ''
  return `${problem} ${words[remedy.option](field)}`
}

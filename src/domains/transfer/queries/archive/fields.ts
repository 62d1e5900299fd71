// The words in which a file of an archive is declared: one declaration is what an export selects, what the documentation says, what an
// import checks, and where it writes.

/** Tables whose rows other rows of an archive name, by a number of the archive's own. */
export type Numbered =
  | 'deletions'
  | 'deeds'
  | 'deed_items'
  | 'scales'
  | 'scale_values'
  | 'goals'
  | 'notifications'
  | 'projects'
  | 'lidar_scans'
  | 'calculations'

export type Kind =
  | { readonly is: 'number' }
  | { readonly is: 'reference'; readonly to: Numbered }
  | { readonly is: 'lineage' }
  | { readonly is: 'text'; readonly max: number }
  | { readonly is: 'label'; readonly labels: readonly string[]; readonly enum: string }
  | { readonly is: 'labels'; readonly labels: readonly string[]; readonly enum: string }
  | { readonly is: 'integer'; readonly min: number; readonly max: number }
  | { readonly is: 'weekdays' }
  | { readonly is: 'decimal'; readonly places: number }
  | { readonly is: 'flag' }
  | { readonly is: 'day' }
  | { readonly is: 'time' }
  | { readonly is: 'instant' }
  | { readonly is: 'json' }
  | { readonly is: 'object' }
  | { readonly is: 'value' }
  | { readonly is: 'actor'; readonly named: string | null }

export interface Field {
  readonly name: string
  readonly kind: Kind
  /** May be null. */
  readonly optional: boolean
  /** For whoever reads the archive. */
  readonly about: string
  /** The columns that it tells. */
  readonly columns: readonly string[]
  /** The value in SQL, of a row `t`; of a reference, the id. */
  readonly value: string
  /** The column that an import writes; null: what it says follows from the rest, or is told elsewhere. */
  readonly into: string | null
}

export interface FieldOptions {
  /** The column, unless it is the name in snake case. */
  readonly column?: string
  /** More columns that it tells. */
  readonly tells?: readonly string[]
  readonly value?: string
  /** Of an actor: where their name stands, if they are not of this database. */
  readonly named?: string
  readonly optional?: boolean
  /** False: an import checks it, and does not write it as it is. */
  readonly imported?: boolean
}

function field(kind: Kind, name: string, about: string, options: FieldOptions = {}): Field {
  const column = options.column ?? snakeCase(name)
  return {
    name,
    kind,
    about,
    optional: options.optional ?? false,
    columns: [column, ...(options.tells ?? [])],
    value: options.value ?? `t.${column}`,
    into: options.imported === false ? null : column,
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The number by which other rows of the archive name this one: 1, 2, 3 in the order of the file. */
export const number = (column: string) =>
  field({ is: 'number' }, 'number', 'By which other files name it: 1, 2, 3 ...', { column })

export const reference = (name: string, to: Numbered, about: string, options?: FieldOptions) =>
  field({ is: 'reference', to }, name, about, options)

export const lineage = (name: string, about: string, options?: FieldOptions) =>
  field({ is: 'lineage' }, name, about, options)

export const text = (name: string, max: number, about: string, options?: FieldOptions) =>
  field({ is: 'text', max }, name, about, options)

export const label = (name: string, [type, labels]: Enum, about: string, options?: FieldOptions) =>
  field({ is: 'label', labels, enum: type }, name, about, options)

export const labels = (name: string, [type, allowed]: Enum, about: string, options?: FieldOptions) =>
  field({ is: 'labels', labels: allowed, enum: type }, name, about, options)

export const integer = (name: string, [min, max]: readonly [number, number], about: string, options?: FieldOptions) =>
  field({ is: 'integer', min, max }, name, about, options)

export const weekdays = (name: string, about: string, options?: FieldOptions) =>
  field({ is: 'weekdays' }, name, about, options)

export const decimal = (name: string, places: number, about: string, options?: FieldOptions) =>
  field({ is: 'decimal', places }, name, about, options)

export const flag = (name: string, about: string, options?: FieldOptions) => field({ is: 'flag' }, name, about, options)

export const day = (name: string, about: string, options?: FieldOptions) => field({ is: 'day' }, name, about, options)

export const time = (name: string, about: string, options?: FieldOptions) => field({ is: 'time' }, name, about, options)

export const instant = (name: string, about: string, options?: FieldOptions) =>
  field({ is: 'instant' }, name, about, options)

export const json = (name: string, about: string, options?: FieldOptions) => field({ is: 'json' }, name, about, options)

/** What `JSONObject` of the API takes. */
export const object = (name: string, about: string, options?: FieldOptions) =>
  field({ is: 'object' }, name, about, options)

/** Any value of JSON but null. */
export const value = (name: string, about: string, options?: FieldOptions) =>
  field({ is: 'value' }, name, about, options)

export const actor = (name: string, about: string, options?: FieldOptions) =>
  field({ is: 'actor', named: options?.named ?? null }, name, about, options)

/** The name of an enum of the database, and its labels as the API writes them. */
export type Enum = readonly [type: string, labels: readonly string[]]

/** What nearly every table has. */
export const edited: readonly Field[] = [
  integer('version', [1, 2_000_000_000], 'Raised by each change.'),
  instant('createdAt', 'When it was made.'),
  instant('updatedAt', 'When it was changed last.'),
]

/** What a deletion stamps. */
export const stamped: readonly Field[] = [
  reference('deletion', 'deletions', 'The deletion that took it, which can be taken back; null: it is there.', {
    column: 'deletion_id',
    optional: true,
  }),
  instant('deletedAt', 'When that was.', { optional: true }),
  actor('deletedBy', 'Who deleted it.', { optional: true }),
]

/** A file of an archive: JSON Lines, one row each. */
export interface ArchiveFile {
  /** Its name without `.jsonl`. */
  readonly name: string
  readonly table: string
  /** For whoever reads the archive. */
  readonly about: string
  readonly isImported: boolean
  /** In which the rows stand, and are numbered. */
  readonly order: readonly string[]
  /** Which rows: those of `user_id`, unless this says otherwise. `$owner` stands for them. */
  readonly rows?: string
  readonly fields: readonly Field[]
  /** What is read besides its fields, in SQL, for whoever makes the file: it is not told as it is. */
  readonly besides?: Readonly<Record<string, string>>
  /** Columns that are not told, with the reason. `user_id` never is: it is whose archive this is. */
  readonly leftOut?: Readonly<Record<string, string>>
}

import type { DateOrder } from './csv/dates.ts'
import type { ColumnNames } from './csv/fields.ts'
import type { ImportPlan } from './import-plan.ts'
import type { ImportFormat } from './rules/import-shown.ts'

/** What a person may say about a file. */
export interface ReadingOptions {
  /** habitbull, csv: what comes first in 03/04/2026. */
  readonly dateOrder?: DateOrder | undefined
  /** csv: the table's own names. */
  readonly columns?: ColumnNames | undefined
}

interface Format {
  /** The app's name, as a person knows it. */
  readonly source: string
  /** Throws `UnreadableExport`. What a format needs is loaded when a file of it is read. */
  read(path: string, options: ReadingOptions): Promise<ImportPlan>
}

/** Other apps' exports that are read. */
export const importFormats = {
  loop: {
    source: 'Loop',
    async read(path) {
      const { readExport } = await import('./loop/archive.ts')
      const { planOfLoopExport } = await import('./loop/plan.ts')
      return planOfLoopExport(await readExport(path))
    },
  },
  'loop-backup': {
    source: 'Loop',
    async read(path) {
      const { planOfLoopBackup } = await import('./loop/backup.ts')
      return planOfLoopBackup(path)
    },
  },
  habitbull: {
    source: 'HabitBull',
    async read(path, { dateOrder }) {
      const { planOfHabitBull } = await import('./habitbull/plan.ts')
      return planOfHabitBull(path, dateOrder)
    },
  },
  csv: {
    source: 'CSV',
    async read(path, { columns, dateOrder }) {
      const { planOfTable } = await import('./csv/plan.ts')
      return planOfTable(path, { columns, dateOrder })
    },
  },
} satisfies Record<ImportFormat, Format>

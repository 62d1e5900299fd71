/** What a table of a diary has in its columns: a row for each day of an item. */
export const csvFields = ['date', 'deed', 'item', 'value', 'note'] as const
export type CsvField = (typeof csvFields)[number]
/** The header of a field's column, where it is not the field's own name. */
export type ColumnNames = Partial<Record<CsvField, string>>

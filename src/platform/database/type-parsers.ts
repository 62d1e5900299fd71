import type { CustomTypesConfig } from 'pg'
import pg from 'pg'

/** Types whose JavaScript counterpart would lose digits or a time zone: they stay the text that PostgreSQL wrote. */
const asText = new Set([
  20, // int8
  790, // money
  1082, // date
  1083, // time
  1114, // timestamp
  1184, // timestamptz
  1186, // interval
  1266, // timetz
  1700, // numeric
])

/** Arrays of those types: arrays of text. */
const asTextArray = new Set([1016, 791, 1182, 1183, 1115, 1185, 1187, 1270, 1231])

const textArrayOid = 1009
const keep = (value: string) => value

/** How every connection of the service reads values: int8, numeric, dates, times and intervals are strings. */
export const typeParsers: CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format === 'binary') return pg.types.getTypeParser(oid, 'binary')
    if (asText.has(oid)) return keep
    return pg.types.getTypeParser(asTextArray.has(oid) ? textArrayOid : oid, 'text')
  },
}

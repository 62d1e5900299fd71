import { GraphQLScalarType } from 'graphql'
import { scalarOfText } from './scalar-of-text.ts'

const civilDate = /^(\d{4})-(\d{2})-(\d{2})$/
const instant = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/
/** As PostgreSQL prints a timestamptz in a session at UTC. */
const postgresInstant = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d+)?)\+00$/

const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether `YYYY-MM-DD` is a day of the Gregorian calendar, in the years 1..9999. */
export function isCalendarDate(text: string): boolean {
  const [, year = 0, month = 0, day = 0] = (civilDate.exec(text) ?? []).map(Number)
  if (year < 1 || month < 1 || month > 12 || day < 1) return false
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= (month === 2 && isLeap ? 29 : (daysInMonth[month - 1] ?? 0))
}

/** `Date`: a civil date as text, in and out; Node never computes with it (DAY-2). */
export const dateScalar = scalarOfText('Date', (text) => {
  if (!isCalendarDate(text)) throw new TypeError('A date is a day of the calendar as YYYY-MM-DD.')
  return text
})

/** `DateTime`: RFC 3339 in; out in UTC, from what PostgreSQL prints. */
export const dateTimeScalar = new GraphQLScalarType({
  ...scalarOfText('DateTime', parseInstant).toConfig(),
  serialize: printInstant,
})

/** RFC 3339 text for PostgreSQL, which keeps microseconds. Throws TypeError when it is none. */
export function parseInstant(text: string): string {
  const [, date = '', hour = '', minute = '', second = '', fraction = '', offset = ''] = instant.exec(text) ?? []
  const [offsetHour = 0, offsetMinute = 0] = offset.length === 6 ? offset.slice(1).split(':').map(Number) : []
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60 && offsetHour < 24 && offsetMinute < 60
  if (!isCalendarDate(date) || !isTime) throw new TypeError('A time is RFC 3339, such as 2026-11-20T18:30:00Z.')
  if (fraction.length > 6) throw new TypeError('A time has at most 6 decimal places of a second.')
  return text.toUpperCase()
}

/** PostgreSQL's text of a timestamptz (at UTC), or a `Date` of JavaScript, as RFC 3339 in UTC. */
export function printInstant(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  const [, date, time] = postgresInstant.exec(String(value)) ?? []
  if (date && time) return `${date}T${time}Z`
  if (typeof value === 'string' && instant.test(value)) return new Date(value).toISOString()
  throw new TypeError('This is not an instant as PostgreSQL prints one at UTC.')
}

import type { GraphQLScalarType } from 'graphql'
import { GraphQLEmailAddress, GraphQLHexColorCode, GraphQLLocale, GraphQLUUID } from 'graphql-scalars'
import { dateScalar, dateTimeScalar } from './dates.ts'
import { decimalScalar } from './decimals.ts'
import { geoJsonScalar } from './geojson.ts'
import { jsonObjectScalar, jsonScalar } from './json-object.ts'
import { scalarOfText } from './scalar-of-text.ts'

/** What graphql-scalars takes, of at most `longest` characters, with a sentence of ours where it refuses. */
function known(type: GraphQLScalarType, longest: number, expected: string) {
  return scalarOfText(type.name, (text) => {
    if (text.length > longest) throw new TypeError(`${type.name} has at most ${longest} characters.`)
    try {
      type.parseValue(text)
    } catch {
      throw new TypeError(expected)
    }
    return text
  })
}

const zoneName = /^(?=.{1,64}$)[A-Za-z][\w+-]*(\/[\w+-]+)*$/
const wallClock = /^([01]\d|2[0-3]):[0-5]\d$/
const uuid = known(GraphQLUUID, 36, 'A UUID is 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.')
const color = known(GraphQLHexColorCode, 7, 'A colour is #RRGGBB.')

/** Resolvers of all scalars of the schema. */
export const scalarResolvers: Record<string, GraphQLScalarType> = {
  Date: dateScalar,
  DateTime: dateTimeScalar,
  Decimal: decimalScalar,
  JSONObject: jsonObjectScalar,
  JSON: jsonScalar,
  GeoJSON: geoJsonScalar,
  EmailAddress: known(GraphQLEmailAddress, 254, 'An e-mail address is name@host.'),
  UUID: scalarOfText('UUID', (text) => uuid.parseValue(text).toLowerCase()),
  // Only its shape: whether there is such a zone is for the database to say (DAY-2), Node's list is another one.
  TimeZone: scalarOfText('TimeZone', (text) => {
    if (!zoneName.test(text)) throw new TypeError('A time zone is an IANA name such as Africa/Cairo.')
    return text
  }),
  LocalTime: scalarOfText('LocalTime', (text) => {
    if (!wallClock.test(text)) throw new TypeError('A time of day is HH:MM, from 00:00 to 23:59.')
    return text
  }),
  Locale: known(GraphQLLocale, 35, 'A locale is a BCP 47 tag such as ar-EG.'),
  HexColorCode: scalarOfText('HexColorCode', (text) => {
    if (text.length !== 7) throw new TypeError('A colour is #RRGGBB.')
    return color.parseValue(text)
  }),
}

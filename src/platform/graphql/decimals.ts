import { GraphQLScalarType, Kind } from 'graphql'
import { parseOrRefuse } from './scalar-of-text.ts'

const decimal = /^(-?)0*(\d{1,20})(?:\.(\d+))?$/
const mostPlaces = 3
/** Digits that a JSON number carries exactly. */
const exactDigits = 15
const details = { reason: 'INVALID_AMOUNT' }

/** `Decimal`: exact, as text in code. Input is text or a JSON number; output leaves out zeros at the end. */
export const decimalScalar = new GraphQLScalarType<string>({
  name: 'Decimal',
  serialize: printDecimal,
  parseValue: (value) =>
    parseOrRefuse(() => parseDecimal(typeof value === 'number' ? fromNumber(value) : value), details),
  parseLiteral: (node) => {
    const isNumber = node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT
    return parseOrRefuse(() => parseDecimal(isNumber ? node.value : undefined), details, node)
  },
})

/** The decimal in its shortest form, `-0` as `0`. Throws TypeError when it is none, or has more than 3 places that count. */
export function parseDecimal(value: unknown): string {
  const [, sign = '', whole = '', fraction = ''] = (typeof value === 'string' && decimal.exec(value)) || []
  if (whole === '') throw new TypeError('An amount is a decimal number such as "2.5", without an exponent.')
  const places = fraction.replace(/0+$/, '')
  if (places.length > mostPlaces) throw new TypeError(`An amount has at most ${mostPlaces} decimal places.`)
  const digits = places === '' ? whole : `${whole}.${places}`
  return digits === '0' ? '0' : sign + digits
}

function fromNumber(value: number): string {
  const text = String(value)
  if (text.replace(/[-.]/g, '').length > exactDigits)
    throw new TypeError(`A JSON number is exact to ${exactDigits} digits: send longer amounts as text.`)
  return text
}

/** PostgreSQL's numeric without the zeros at its end: `2.500` is `2.5`. */
export function printDecimal(value: unknown): string {
  const text = String(value)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

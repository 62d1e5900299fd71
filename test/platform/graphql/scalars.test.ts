import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Kind, parseValue } from 'graphql'
import { scalarResolvers } from '../../../src/platform/graphql/scalars.ts'

function scalar(name: string) {
  const type = scalarResolvers[name]
  if (!type) throw new Error(`There is no scalar ${name}.`)
  return type
}

const take = (name: string, value: unknown) => scalar(name).parseValue(value)
const takeLiteral = (name: string, text: string) => scalar(name).parseLiteral(parseValue(text), {})
const refusal = (reason?: string) =>
  expect.objectContaining({
    extensions: expect.objectContaining({ code: 'BAD_USER_INPUT', ...(reason && { reason }) }),
  })

test.each(['2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31', '2026-04-30'])('Date takes %s', (text) => {
  expect(take('Date', text)).toBe(text)
  expect(takeLiteral('Date', `"${text}"`)).toBe(text)
  expect(scalar('Date').serialize(text)).toBe(text)
})

test.each([
  '2023-02-29',
  '1900-02-29',
  '2026-04-31',
  '0000-01-01',
  '2026-13-01',
  '2026-1-1',
  '10000-01-01',
  '2026-01-01T00:00:00Z',
  '',
  20260101,
  null,
])('Date refuses %j', (value) => {
  expect(() => take('Date', value)).toThrow(refusal())
})

test('Date takes exactly the days that a calendar has', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 31 }),
      (year, month, day) => {
        const text = [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join(
          '-',
        )
        const date = new Date(0)
        date.setUTCFullYear(year, month - 1, day)
        const exists = date.getUTCMonth() === month - 1
        if (exists) expect(take('Date', text)).toBe(text)
        else expect(() => take('Date', text)).toThrow(refusal())
      },
    ),
  )
})

test.each([
  ['2026-11-20 18:30:00+00', '2026-11-20T18:30:00Z'],
  ['2026-11-20 18:30:00.25+00', '2026-11-20T18:30:00.25Z'],
  ['0001-01-01 00:00:00.000001+00', '0001-01-01T00:00:00.000001Z'],
  [new Date('2026-11-20T18:30:00.250Z'), '2026-11-20T18:30:00.250Z'],
])('DateTime prints %s', (value, text) => {
  expect(scalar('DateTime').serialize(value)).toBe(text)
})

test('DateTime prints nothing that is no instant at UTC', () => {
  expect(() => scalar('DateTime').serialize('2026-11-20 18:30:00+02')).toThrow(TypeError)
  expect(() => scalar('DateTime').serialize('infinity')).toThrow(TypeError)
})

test.each(['2026-11-20T18:30:00Z', '2026-11-20T18:30:00.123456+05:30', '2026-11-20T00:00:00-12:00'])(
  'DateTime takes %s',
  (text) => {
    expect(take('DateTime', text)).toBe(text)
  },
)

test.each([
  '2026-11-20',
  '2026-11-20T18:30:00',
  '2026-11-20 18:30:00Z',
  '2026-02-30T18:30:00Z',
  '2026-11-20T24:00:00Z',
  '2026-11-20T18:60:00Z',
  '2026-11-20T18:30:60Z',
  '2026-11-20T18:30:00.1234567Z',
  '2026-11-20T18:30:00+24:00',
  'now',
  1_700_000_000,
])('DateTime refuses %j', (value) => {
  expect(() => take('DateTime', value)).toThrow(refusal())
})

test.each([
  ['2.5', '2.5'],
  ['2.500', '2.5'],
  ['007', '7'],
  ['-0', '0'],
  ['-0.000', '0'],
  ['-1.25', '-1.25'],
  ['999999999.999', '999999999.999'],
  [2.5, '2.5'],
  [0, '0'],
  [-3, '-3'],
  [1e3, '1000'],
])('Decimal takes %j as %s', (value, text) => {
  expect(take('Decimal', value)).toBe(text)
})

test.each([
  '2.5555',
  0.0001,
  '1e3',
  1e21,
  1e-7,
  '.5',
  '5.',
  '+5',
  '',
  ' 5',
  '٥',
  '1,5',
  'NaN',
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '9'.repeat(21),
  true,
  null,
  {},
  12345678901234.25,
])('Decimal refuses %j', (value) => {
  expect(() => take('Decimal', value)).toThrow(refusal('INVALID_AMOUNT'))
})

test('Decimal literals keep every digit, and lack an exponent', () => {
  expect(takeLiteral('Decimal', '12345678901234567.125')).toBe('12345678901234567.125')
  expect(takeLiteral('Decimal', '"0.5"')).toBe('0.5')
  expect(() => takeLiteral('Decimal', '1e3')).toThrow(refusal('INVALID_AMOUNT'))
  expect(() => takeLiteral('Decimal', 'true')).toThrow(refusal('INVALID_AMOUNT'))
})

test('ENT-1 thousandths pass through Decimal unchanged, more places are never rounded', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -999_999_999_999n, max: 999_999_999_999n }), (thousandths) => {
      const digits = String(thousandths < 0n ? -thousandths : thousandths).padStart(4, '0')
      const text = `${thousandths < 0n ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`
      const taken = String(take('Decimal', text))
      const [whole = '', places = ''] = taken.replace('-', '').split('.')
      expect(BigInt(whole + places.padEnd(3, '0')) * (taken.startsWith('-') ? -1n : 1n)).toBe(thousandths)
      expect(scalar('Decimal').serialize(text)).toBe(taken)
      expect(() => take('Decimal', `${text}1`)).toThrow(refusal('INVALID_AMOUNT'))
    }),
  )
})

test.each([
  ['2.500', '2.5'],
  ['2.000', '2'],
  ['100', '100'],
  ['0.000000', '0'],
  ['0.333333', '0.333333'],
])('Decimal prints numeric %s as %s', (value, text) => {
  expect(scalar('Decimal').serialize(value)).toBe(text)
})

const levels = (count: number): object => (count === 1 ? {} : { a: levels(count - 1) })

test('JSONObject takes 64 kB and 8 levels, and not a byte or a level more', () => {
  const sized = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) })
  expect(take('JSONObject', sized(65_536))).toEqual(sized(65_536))
  expect(() => take('JSONObject', sized(65_537))).toThrow(refusal())
  expect(take('JSONObject', levels(8))).toEqual(levels(8))
  expect(() => take('JSONObject', levels(9))).toThrow(refusal())
})

test('JSONObject refuses what is no object, and texts that jsonb can not hold', () => {
  for (const value of [[], 'a', 1, null, { a: 'x\u0000' }, { 'k\u0000': 1 }, { a: ['\ud800'] }])
    expect(() => take('JSONObject', value)).toThrow(refusal())
})

test('JSONObject literals keep `__proto__` as a key like any other', () => {
  const object = takeLiteral(
    'JSONObject',
    '{ __proto__: { admin: true }, constructor: { prototype: 1 }, list: [1, 2.5, "a", null, true] }',
  )
  expect(JSON.stringify(object)).toBe(
    '{"__proto__":{"admin":true},"constructor":{"prototype":1},"list":[1,2.5,"a",null,true]}',
  )
  expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false)
})

test.each([
  ['EmailAddress', 'leila@kitaab.example'],
  ['UUID', '0b7a3c1e-5f2d-4a51-9c70-3f1f4d1f8a11'],
  ['TimeZone', 'America/Argentina/Buenos_Aires'],
  ['TimeZone', 'Etc/GMT+12'],
  ['Locale', 'ar-EG'],
  ['HexColorCode', '#0aF9c3'],
])('%s takes %s', (name, text) => {
  expect(take(name, text)).toBe(text)
})

test('UUID comes out in lower case', () => {
  expect(take('UUID', '0B7A3C1E-5F2D-4A51-9C70-3F1F4D1F8A11')).toBe('0b7a3c1e-5f2d-4a51-9c70-3f1f4d1f8a11')
})

test.each([
  ['EmailAddress', 'leila'],
  ['EmailAddress', `${'a'.repeat(250)}@b.example`],
  ['EmailAddress', 'leila@kitaab.example\n'],
  ['UUID', '0b7a3c1e'],
  ['TimeZone', 'Africa/Cairo; drop table users'],
  ['TimeZone', `A${'a'.repeat(64)}`],
  ['Locale', 'not a locale'],
  ['HexColorCode', '#fff'],
  ['HexColorCode', '#11223344'],
  ['Date', '2026-01-01\u0000'],
  ['Locale', 'ar\ud800'],
])('%s refuses %j', (name, value) => {
  expect(() => take(name, value)).toThrow(refusal())
})

test('a literal that is refused carries its place in the document', () => {
  const node = parseValue('"nope"')
  expect(node.kind).toBe(Kind.STRING)
  expect(() => scalar('Date').parseLiteral(node, {})).toThrow(expect.objectContaining({ nodes: [node] }))
})

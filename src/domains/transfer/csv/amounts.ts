export type DecimalMark = '.' | ','

const written = { '.': /^(\d{1,12})(?:\.(\d{1,12}))?$/, ',': /^(\d{1,12})(?:,(\d{1,12}))?$/ }

/** An amount as the diary holds it: 0 to 999999999.999, at most 3 places that say something. Undefined for anything else. */
export function amountOf(text: string, mark: DecimalMark): string | undefined {
  const match = written[mark].exec(text)
  if (!match) return undefined
  const whole = (match[1] ?? '').replace(/^0+(?=\d)/, '')
  const places = (match[2] ?? '').replace(/0+$/, '')
  if (whole.length > 9 || places.length > 3) return undefined
  return places === '' ? whole : `${whole}.${places}`
}

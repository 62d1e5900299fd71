import { badUserInput } from './errors.ts'

// Control characters except line feed and tab; what hides or reverses text (bidirectional overrides) is left to the reader's screen.
// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the point
const controlCharacters = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

/** Why a text can't be stored, or null when it can. */
export function textProblem(text: string): string | null {
  if (text.includes('\u0000')) return 'holds the character NUL'
  return text.isWellFormed() ? null : 'holds half of a surrogate pair'
}

/**
 * The text as it is stored: NFC, without white space around it, line ends as `\n`. Throws BAD_USER_INPUT, reason
 * INVALID_TEXT, when it is shorter than `min` (1) or longer than `max` characters (code points) or holds control characters.
 */
export function requireText(
  value: string,
  { field, max, min = 1 }: { field: string; max: number; min?: number },
): string {
  const text = value.replace(/\r\n?/g, '\n').normalize('NFC').trim()
  const refuse = (message: string) => badUserInput(message, { reason: 'INVALID_TEXT', field })
  const problem = textProblem(text)
  if (problem) throw refuse(`\`${field}\` ${problem}.`)
  if (controlCharacters.test(text)) throw refuse(`\`${field}\` holds control characters.`)
  // A code point is one or two code units: most texts need no counting.
  const length = text.length <= max && text.length >= min * 2 ? text.length : [...text].length
  if (length < min)
    throw refuse(
      min === 1 ? `\`${field}\` is empty.` : `\`${field}\` has ${length} characters; at least ${min} are needed.`,
    )
  if (length > max) throw refuse(`\`${field}\` has ${length} characters; at most ${max} fit.`)
  return text
}

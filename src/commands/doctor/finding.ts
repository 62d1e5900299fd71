import { describeError } from '../run.ts'

/** What one look found. `remedy` says what to do where something is wrong. */
export interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly message: string
  readonly remedy: string | null
}

/** What a look throws when it knows more to do about it than its caller does. */
export class Trouble extends Error {
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

/** What is found right, or what the look threw, with what to do: the trouble's own, else `remedy`. */
export async function examine(check: string, look: () => Promise<string> | string, remedy: string): Promise<Finding> {
  try {
    return { check, ok: true, message: await look(), remedy: null }
  } catch (error) {
    return { check, ok: false, message: describeError(error), remedy: error instanceof Trouble ? error.remedy : remedy }
  }
}

/** A number of bytes as people say it, in powers of 1000. */
export function asSize(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1)
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

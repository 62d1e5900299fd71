import { badUserInput } from '../../platform/graphql/errors.ts'

/** SES-1 */
export const passwordLength = { least: 10, most: 128 }

/** SES-1 Failures that an account from one address may have in 15 minutes, and an address in an hour. */
export const mostFailures = { ofAccount: 5, ofAddress: 100 }

/** How long the tokens in mails are good, in hours. */
export const tokenHours = { verify_email: 24, change_email: 24, reset_password: 1 }

/** How long an account that closes can be kept after all. */
export const closingDays = 30

/** What is left of an account that was erased, for those who close one. */
export const keptAfterErasing = [
  'A row without your name, address or settings, so that what you recorded for others has a writer.',
  'What you recorded in the diaries of others: it is theirs, and names nobody as its writer.',
  'That something was done, and when, without what it was or from where.',
]

/** What every session may do: partners' tokens get less. */
export const allScopes = [
  'ACCOUNT_READ',
  'ACCOUNT_WRITE',
  'DEEDS_READ',
  'DEEDS_WRITE',
  'ENTRIES_READ',
  'ENTRIES_WRITE',
  'GOALS_READ',
  'GOALS_WRITE',
  'SHARING_READ',
  'SHARING_WRITE',
  'AUDIT_READ',
  'JOURNAL_READ',
  'JOURNAL_WRITE',
  'MESSAGES_READ',
  'MESSAGES_WRITE',
  'ANALYTICS_READ',
  'RESOURCES_READ',
  'RESOURCES_WRITE',
  'SURVEYS_READ',
  'SURVEYS_WRITE',
  'ADMIN_READ',
  'ADMIN_WRITE',
] as const

/** SES-1 Why a password can't be taken, or null. `personal`: what others know of the person, such as the e-mail address. */
export function passwordProblem(password: string, isCommon: boolean, personal: readonly string[]): string | null {
  const length = [...password.normalize('NFC')].length
  if (length < passwordLength.least)
    return `It has ${length} character${length === 1 ? '' : 's'}; at least ${passwordLength.least} are needed.`
  if (length > passwordLength.most) return `It has ${length} characters; at most ${passwordLength.most} fit.`
  if (isCommon) return 'It is one of the passwords that are tried first: choose one that nobody else has.'
  if (personal.some((text) => text.toLowerCase() === password.toLowerCase())) {
    return 'It is something that others know of you: choose one that nobody knows.'
  }
  return null
}

/** The username as it is stored; BAD_USER_INPUT, INVALID_TEXT unless it is 3..32 of a-z, 0-9 and _. */
export function checkedUsername(username: string, field: string): string {
  const name = username.trim().toLowerCase()
  if (/^[a-z0-9_]{3,32}$/.test(name)) return name
  throw badUserInput('A username has 3 to 32 of a-z, 0-9 and _.', { reason: 'INVALID_TEXT', field })
}

/** BAD_USER_INPUT, CANNOT_BE_NULL when one of these fields of the input is null: it may be left out. */
export function refuseNulls<Input extends object>(input: Input, names: readonly (keyof Input & string)[]): void {
  const name = names.find((each) => input[each] === null)
  if (name === undefined) return
  throw badUserInput(`\`input.${name}\` can't be null: leave it out to keep it as it is.`, {
    reason: 'CANNOT_BE_NULL',
    field: `input.${name}`,
  })
}

/** A whole number of the input; BAD_USER_INPUT when it is out of range. */
export function checkedNumber(
  value: number,
  { least, most, field }: { least: number; most: number; field: string },
): number {
  if (value >= least && value <= most) return value
  throw badUserInput(`\`${field}\` is from ${least} to ${most}.`, { reason: 'OUT_OF_RANGE', field })
}

/** SES-3 What a refresh token says: the session, and how often it was renewed. */
export interface RefreshClaim {
  sessionId: string
  generation: number
}

/** SES-3 What a refresh token comes to, by the session as it stands after nobody could be renewed by it. */
export type RefreshOutcome = 'REPEAT' | 'STOLEN' | 'ENDED'

/**
 * SES-3 The generation before the current one, within 30 seconds: the answer got lost, the same successor again. An older genuine one: it
 * was copied, and the session ends.
 */
export function judgeRefresh(
  generation: number,
  session: { generation: number; isLive: boolean; justRotated: boolean } | undefined,
): RefreshOutcome {
  if (!session?.isLive || generation >= session.generation) return 'ENDED'
  return generation === session.generation - 1 && session.justRotated ? 'REPEAT' : 'STOLEN'
}

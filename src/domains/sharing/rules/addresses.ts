import { badUserInput } from '../../../platform/graphql/errors.ts'
import { requireText } from '../../../platform/graphql/text.ts'

/**
 * Whom a request is sent to, as it is stored and compared: a username or an e-mail address, in lower case. BAD_USER_INPUT, reason
 * INVALID_TEXT, when it can be neither.
 */
export function checkedAddress(to: string, field: string): string {
  const address = requireText(to, { field, max: 254 }).toLowerCase()
  const isPossible = address.includes('@') ? /^[^\s@]+@[^\s@]+$/.test(address) : /^[a-z0-9_]{3,32}$/.test(address)
  if (isPossible && [...address].length <= 254) return address
  throw badUserInput('This is neither a username (3 to 32 of a-z, 0-9 and _) nor an e-mail address.', {
    reason: 'INVALID_TEXT',
    field,
  })
}

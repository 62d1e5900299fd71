import { hash } from 'node:crypto'
import type { Kept } from './store.ts'

/*
 * What is sent to a store that others write to: a checksum of all that follows, the key, the time, then the value, each but the last on a
 * line of its own. A value of null is marked by `-`, a text by `+`.
 */

export function sealed(key: string, { value, storedAt }: Kept): string {
  const content = `${key}\n${storedAt}\n${value === null ? '-' : `+${value}`}`
  return `${checksum(content)}\n${content}`
}

/** What was sealed under this key; null for everything else that may come back. */
export function opened(key: string, envelope: unknown): Kept | null {
  if (typeof envelope !== 'string') return null
  const end = envelope.indexOf('\n')
  const content = envelope.slice(end + 1)
  if (end === -1 || !content.startsWith(`${key}\n`) || envelope.slice(0, end) !== checksum(content)) return null
  const time = content.indexOf('\n', key.length + 1)
  const storedAt = Number(content.slice(key.length + 1, time))
  return { value: content[time + 1] === '-' ? null : content.slice(time + 2), storedAt }
}

function checksum(content: string): string {
  return hash('sha256', content, 'base64url')
}

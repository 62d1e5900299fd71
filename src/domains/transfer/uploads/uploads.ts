import { randomUUID } from 'node:crypto'
import type { Databases } from '../../../platform/database/databases.ts'
import type { RequestInfo } from '../../../platform/database/types.ts'
import { badUserInput, conflict, notFound, queryTooCostly } from '../../../platform/graphql/errors.ts'
import type { ObjectStore } from '../../../platform/objects/objects.ts'
import { ObjectTooLarge } from '../../../platform/objects/objects.ts'
import { claimUpload, completeUpload, freeUpload, type UploadKey } from '../queries/uploads.ts'
import type { UploadClaim, UploadTokens } from './upload-tokens.ts'

/** A diary of fifty years is well below this. */
export const mostUploadBytes = 50 * 1024 * 1024
/** Of one person, until they are removed. */
export const mostUploads = 20
/** How long what came in is kept. */
export const uploadKeptMs = 24 * 60 * 60 * 1000

/** Where the content of an upload is kept. */
export function uploadObject({ userId, uploadId }: UploadKey): string {
  return `uploads/${userId}/${uploadId}`
}

export interface UploadParts {
  readonly databases: Databases
  readonly objects: ObjectStore
  readonly tokens: UploadTokens
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/**
 * Takes what comes in for the address with this token, once; answers its length in bytes. Rejects with NOT_FOUND when the
 * token is not genuine or is over, CONFLICT when the address was used, QUERY_TOO_COSTLY (413) for too much: then nothing is kept.
 */
export async function receiveUpload(
  { databases, objects, tokens, now = Date.now }: UploadParts,
  token: string,
  content: AsyncIterable<Uint8Array>,
  request: RequestInfo,
): Promise<number> {
  const claim = tokens.read(token)
  if (claim === null) throw notFound('There is nothing at this address: ask for one with `requestUpload`.')
  if (claim.expiresAt <= now()) throw notFound('This address is over: ask for another one with `requestUpload`.')
  const { transaction } = databases.forViewer(viewerOf(claim), { ...request, signal: undefined })
  if (!(await transaction((tx) => claimUpload(tx, claim)))) throw taken()
  try {
    const { bytes } = await objects.put(uploadObject(claim), content, {
      maxBytes: mostUploadBytes,
      ...(request.signal && { signal: request.signal }),
    })
    if (bytes === 0) throw badUserInput('The file is empty.', { reason: 'UPLOAD_NOT_COMPLETE' })
    await transaction((tx) => completeUpload(tx, claim, bytes))
    return bytes
  } catch (error) {
    await objects.delete(uploadObject(claim))
    await transaction((tx) => freeUpload(tx, claim)).catch(() => {})
    throw error instanceof ObjectTooLarge ? tooLarge() : error
  }
}

function viewerOf({ userId, sessionId, role }: UploadClaim) {
  return { userId, sessionId, role }
}

function taken() {
  const message = 'This address was used already: ask for another one with `requestUpload`.'
  return conflict(message, { reason: 'UPLOAD_TAKEN' })
}

export function tooLarge() {
  const details = { limit: 'UPLOAD', allowed: mostUploadBytes, asked: mostUploadBytes + 1 }
  return queryTooCostly(`The file has more than ${mostUploadBytes} bytes. Split it by years.`, details, 413)
}

/** A name for messages, which moves no cursor and is no path. */
export function shownFileName(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const plain = base.replace(/[^\p{L}\p{N}._ ()-]/gu, '_').replace(/^[. ]+/, '')
  return [...plain].slice(0, 60).join('') || `upload-${randomUUID().slice(0, 8)}`
}

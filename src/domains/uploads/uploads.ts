import { randomUUID } from 'node:crypto'
import type { UploadPurpose } from '../../generated/database.ts'
import type { Databases } from '../../platform/database/databases.ts'
import type { RequestInfo } from '../../platform/database/types.ts'
import { badUserInput, conflict, notFound, queryTooCostly } from '../../platform/graphql/errors.ts'
import type { ObjectStore } from '../../platform/objects/objects.ts'
import { ObjectTooLarge } from '../../platform/objects/objects.ts'
import { claimUpload, completeUpload, freeUpload, type UploadKey } from './queries.ts'
import type { UploadClaim, UploadTokens } from './upload-tokens.ts'

export interface UploadKind {
  readonly mostBytes: number
  /** Of one person, until they are removed. */
  readonly most: number
  /** The mutation that gives an address. */
  readonly request: string
  /** What to do about a file that is too large. */
  readonly smaller: string
}

export const uploadKinds: Readonly<Record<UploadPurpose, UploadKind>> = {
  // A diary of fifty years is well below this.
  entries: { mostBytes: 50 * 1024 * 1024, most: 20, request: 'requestUpload', smaller: 'Split it by years.' },
  scan: {
    mostBytes: 512 * 1024 * 1024,
    most: 5,
    request: 'requestScanUpload',
    smaller: 'Send it as LAZ, or in tiles.',
  },
}
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

/** What is sent to the address of an upload. */
export interface SentFile {
  readonly token: string
  readonly content: AsyncIterable<Uint8Array>
  /** As its sender says; null: nobody does. */
  readonly bytes: number | null
}

/**
 * Takes what comes in for the address with this token, once; answers its length in bytes. Rejects with NOT_FOUND when the
 * token is not genuine or is over, CONFLICT when the address was used, QUERY_TOO_COSTLY (413) for too much: then nothing is kept.
 */
export async function receiveUpload(
  { databases, objects, tokens, now = Date.now }: UploadParts,
  { token, content, bytes: declared }: SentFile,
  request: RequestInfo,
): Promise<number> {
  const claim = tokens.read(token)
  if (claim === null) throw notFound('There is nothing at this address: ask for one with `requestUpload`.')
  if (claim.expiresAt <= now()) throw notFound('This address is over: ask for another one.')
  const { transaction } = databases.forViewer(viewerOf(claim), { ...request, signal: undefined })
  const purpose = await transaction((tx) => claimUpload(tx, claim))
  if (purpose === null) throw taken()
  const { mostBytes } = uploadKinds[purpose]
  try {
    if (declared !== null && declared > mostBytes) throw tooLarge(purpose)
    const { bytes } = await objects.put(uploadObject(claim), content, {
      maxBytes: mostBytes,
      ...(request.signal && { signal: request.signal }),
    })
    if (bytes === 0) throw badUserInput('The file is empty.', { reason: 'UPLOAD_NOT_COMPLETE' })
    await transaction((tx) => completeUpload(tx, claim, bytes))
    return bytes
  } catch (error) {
    await objects.delete(uploadObject(claim))
    await transaction((tx) => freeUpload(tx, claim)).catch(() => {})
    throw error instanceof ObjectTooLarge ? tooLarge(purpose) : error
  }
}

function viewerOf({ userId, sessionId, role }: UploadClaim) {
  return { userId, sessionId, role }
}

function taken() {
  return conflict('This address was used already: ask for another one.', { reason: 'UPLOAD_TAKEN' })
}

function tooLarge(purpose: UploadPurpose) {
  const { mostBytes, smaller } = uploadKinds[purpose]
  const details = { limit: 'UPLOAD', allowed: mostBytes, asked: mostBytes + 1 }
  return queryTooCostly(`The file has more than ${mostBytes} bytes. ${smaller}`, details, 413)
}

/** A name for messages, which moves no cursor and is no path. */
export function shownFileName(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const plain = base.replace(/[^\p{L}\p{N}._ ()-]/gu, '_').replace(/^[. ]+/, '')
  return [...plain].slice(0, 60).join('') || `upload-${randomUUID().slice(0, 8)}`
}

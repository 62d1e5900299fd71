import type { UploadPurpose } from '../../generated/database.ts'
import type { Transaction } from '../../platform/database/listeners.ts'
import { conflict } from '../../platform/graphql/errors.ts'
import { requireText } from '../../platform/graphql/text.ts'
import type { Viewer } from '../../platform/viewer.ts'
import { insertUpload, uploadCount } from './queries.ts'
import type { UploadTokens } from './upload-tokens.ts'
import { uploadKinds } from './uploads.ts'

/** Where somebody sends a file. */
export interface UploadAddress {
  readonly uploadId: string
  readonly url: string
  readonly expiresAt: string
  readonly maxBytes: number
}

export interface UploadRequest {
  /** As the input has it: 1..200 characters, or none. */
  readonly fileName: string | null | undefined
  readonly purpose: UploadPurpose
}

/** Gives an address to send a file to. CONFLICT, TOO_MANY. */
export async function requestUpload(
  { viewer, services, transaction }: UploadRequester,
  { fileName, purpose }: UploadRequest,
): Promise<UploadAddress> {
  const { userId, sessionId, role } = viewer
  const name = fileName == null ? 'upload' : requireText(fileName, { field: 'input.fileName', max: 200 })
  const { mostBytes, most } = uploadKinds[purpose]
  const { uploadId, expiresAt } = await transaction(async (tx) => {
    if ((await uploadCount(tx, userId, purpose)) >= most) throw tooMany(most)
    return insertUpload(tx, { userId, fileName: name, purpose })
  })
  const token = services.uploadTokens.sign({ userId, sessionId, role, uploadId, expiresAt: Date.parse(expiresAt) })
  return { uploadId, url: `${services.publicUrl}/uploads/${token}`, expiresAt, maxBytes: mostBytes }
}

export interface UploadRequester {
  readonly viewer: Viewer
  readonly services: { readonly uploadTokens: UploadTokens; readonly publicUrl: string }
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>
}

function tooMany(most: number) {
  const message = `At most ${most} uploads are kept at a time; each goes after a day, or when it was imported.`
  return conflict(message, { reason: 'TOO_MANY' })
}

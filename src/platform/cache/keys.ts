import { hash } from 'node:crypto'

/** All that an answer depends on. */
export interface AnswerKey {
  /** Of the schema's text and of the program that answers. */
  readonly program: string
  /** Of the document's text. */
  readonly document: string
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
  readonly viewer: { readonly userId: string; readonly role: string; readonly scopes: readonly string[] }
  readonly ownerId: string
  /** What tells one state of the owner's diary, as this viewer sees it, from another. */
  readonly state: string
}

/** All that a row depends on. */
export interface RowKey {
  readonly program: string
  /** What kind of row. */
  readonly kind: string
  /** Which row, in which version. */
  readonly version: readonly (string | number | null)[]
}

/** The key of a row. It tells nothing of whose or which it is. */
export function rowKey({ program, kind, version }: RowKey): string {
  return `kitaab:${kind}:${hash('sha256', JSON.stringify([program, version]), 'base64url')}`
}

/** The key of a whole answer. It tells nothing of what was asked. */
export function answerKey({ viewer, ...parts }: AnswerKey): string {
  const { userId, role, scopes } = viewer
  const text = JSON.stringify([
    parts.program,
    parts.document,
    parts.operationName,
    parts.variables,
    [userId, role, scopes],
    parts.ownerId,
    parts.state,
  ])
  return `kitaab:answer:${hash('sha256', text, 'base64url')}`
}

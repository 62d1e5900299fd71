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

import type { PermissionType } from '../../generated/surveys.ts'

export type Metadata = Readonly<Record<string, unknown>>

/** What a person says of a project. */
export interface ProjectDraft {
  readonly name: string
  readonly description: string | null
  readonly metadata: Metadata
}

/** What a person says of a scan. */
export interface ScanDraft {
  readonly name: string
  readonly capturedAt: string | null
  readonly data: Metadata
}

/** In characters. */
export const longest = { name: 255, description: 10_000, text: 200 } as const

export type ProjectRight = 'READ' | 'WRITE' | 'SHARE'

/** SHA-7 What one may do in a project that somebody shares, by what was granted; its owner may do all. */
export function rightsIn({ isOwn, granted }: { isOwn: boolean; granted: PermissionType | null }): ProjectRight[] {
  if (isOwn) return ['READ', 'WRITE', 'SHARE']
  return granted === 'write' ? ['READ', 'WRITE'] : ['READ']
}

/** Who asks: from a verified access token, without I/O. Session, status and role are checked again where it matters (SES-2). */
export interface Viewer {
  userId: string
  sessionId: string
  role: 'member' | 'analyst' | 'support' | 'admin'
  scopes: readonly string[]
}

/** The id to read as. Where there is no viewer it is nobody's, to whom the policies show no rows anyway. */
export function viewerIdOf(viewer: Viewer | null): string {
  return viewer?.userId ?? '0'
}

/** Those of the viewer's own. What its owner alone sees is not asked for by anybody else: the policies are the second wall. */
export function ownKeys<Key extends { readonly ownerId: string }>(keys: readonly Key[], viewer: Viewer | null): Key[] {
  return keys.filter(({ ownerId }) => ownerId === viewer?.userId)
}

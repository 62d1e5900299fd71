import type { DocumentNode } from 'graphql'
import { LRUCache } from 'lru-cache'

/** A document that was parsed, validated and found within the limits of its form. */
export interface KnownDocument {
  readonly document: DocumentNode
  /** Of its text. */
  readonly hash: string
}

/** Documents by their texts, the least recently used ones forgotten first. */
export interface KnownDocuments {
  remember(text: string, known: KnownDocument): void
  find(text: string): KnownDocument | undefined
}

const mostTexts = 1_000
/** Apps send a few documents again and again; what is longer is parsed each time. */
const longestText = 20_000

export function knownDocuments(): KnownDocuments {
  const documents = new LRUCache<string, KnownDocument>({ max: mostTexts })
  return {
    remember(text, known) {
      if (text.length <= longestText && !documents.has(text)) documents.set(text, known)
    },
    find: (text) => documents.get(text),
  }
}

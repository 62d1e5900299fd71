/** What is kept under a key, and since when, in milliseconds since 1970. A value of null says that there is nothing. */
export interface Kept {
  readonly value: string | null
  readonly storedAt: number
}

export interface ToKeep extends Kept {
  readonly key: string
  /** How long, in milliseconds; more than 0. */
  readonly keepMs: number
}

/** Where texts are kept for a while. What is in it may be gone at any time; what comes out is what went in under that key. */
export interface Store {
  /** In the order of the keys; null: nothing is kept under it. Rejects when the store can't be asked. */
  get(keys: readonly string[]): Promise<readonly (Kept | null)[]>
  /** Rejects when the store can't be told. */
  set(entries: readonly ToKeep[]): Promise<void>
  /** How many there are and how large, in bytes; null where that is not known. */
  size(): { readonly entries: number; readonly bytes: number } | null
  stop(): Promise<void>
}

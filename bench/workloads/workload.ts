import { toGlobalId } from '../../src/platform/graphql/global-ids.ts'
import type { WorldSize } from '../world/database.ts'

/** What one request asks for, in the words of the world: numbers of people and items, and dates. */
export interface Ask {
  /** Who asks: person n. */
  readonly viewer: number
  /** Whose data it is; the viewer's own, or that of the next person, who shares a branch with them. */
  readonly owner: number
  readonly from: string
  readonly to: string
  readonly item: number
  readonly date: string
  readonly value: number
}

/** One row of an answer: names and plain values, the same from every server. */
export type Row = Readonly<Record<string, string | number | boolean | null>>

/** A request that all servers answer, each in its own way, with the same rows. */
export interface Workload {
  readonly name: string
  readonly title: string
  /** The share of the limit that is to be reached. */
  readonly goal: number
  readonly writes?: boolean
  asks(size: WorldSize, random: () => number): Ask
  readonly kitaab: {
    readonly query: string
    variables(ask: Ask): Record<string, unknown>
    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
    rows(data: any): Row[]
  }
}

export const firstItem = (person: number) => 36 * (person - 1) + 1
export const userId = (person: number) => toGlobalId('User', { userId: String(person) })
export const itemId = (person: number, item: number) =>
  toGlobalId('DeedItem', { ownerId: String(person), itemId: String(item) })

/** Any person but the last, so that there is a next one. */
export function anybody({ users }: WorldSize, random: () => number): number {
  return 1 + Math.floor(random() * (users - 1))
}

export function daysBefore(date: string, days: number): string {
  return new Date(Date.parse(date) - days * 86_400_000).toISOString().slice(0, 10)
}

/** The same numbers in every run: mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

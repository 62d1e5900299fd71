import type { Seals } from '../sealed-values.ts'
import type { Cache, Fresh } from './cache.ts'
import { rowKey } from './keys.ts'

/** Rows of one kind, of which small facts are read first, by each request as its viewer: that a row is there, and its version. */
export interface KeptKind<Version, Row extends Version> {
  /** Names them in keys. */
  readonly name: string
  /** For how long one is kept, in milliseconds. */
  readonly keepMs: number
  /** What no two rows, and no two states of one, have in common. */
  versionOf(version: Version): readonly (string | number | null)[]
  /** The rows of these versions, in any order; those that are gone left out. One that changed meanwhile is answered as it is now. */
  read(versions: readonly Version[]): Promise<readonly Row[]>
  isSame(version: Version, row: Row): boolean
}

/** Rows that are kept for all requests of the service. */
export interface KeptRows {
  /** In the order of the versions; null: it went meanwhile. */
  rowsOf<Version, Row extends Version>(
    kind: KeptKind<Version, Row>,
    versions: readonly Version[],
  ): Promise<readonly (Row | null)[]>
}

/**
 * Keeps rows under their version, so that a change shows at once, whoever made it, and permissions are asked anew each time. They are
 * sealed: what was written down openly may be made sensitive while it is kept. `program` is of the program that made them.
 */
export function makeKeptRows(cache: Cache, { program, seals }: { program: string; seals: Seals }): KeptRows {
  return {
    async rowsOf<Version, Row extends Version>(kind: KeptKind<Version, Row>, versions: readonly Version[]) {
      const keyOf = (version: Version) => rowKey({ program, kind: kind.name, version: kind.versionOf(version) })
      const asked = new Map(versions.map((version) => [keyOf(version), version]))
      /** What this request read itself: it need not open what it sealed. */
      const rows = new Map<string, Row | null>()
      async function read(keys: readonly string[]) {
        const wanted = keys.flatMap((key) => asked.get(key) ?? [])
        const found = await kind.read(wanted)
        for (const version of wanted) rows.set(keyOf(version), found.find((row) => kind.isSame(version, row)) ?? null)
      }
      const keys = [...asked.keys()]
      const kept = await cache.readThrough(keys, async (missing) => {
        await read(missing)
        return missing.map((key) => fresh(rows.get(key) ?? null, key, kind.keepMs, keyOf))
      })
      for (const [index, key] of keys.entries()) {
        const text = rows.has(key) ? null : seals.open(kept[index]?.value ?? '', key)
        if (text !== null) rows.set(key, JSON.parse(text))
      }
      // What no key opens, and what another request did not find.
      const shut = keys.filter((key) => !rows.has(key))
      if (shut.length > 0) await read(shut)
      return versions.map((version) => rows.get(keyOf(version)) ?? null)
    },
  }

  function fresh<Row>(row: Row | null, key: string, keepMs: number, keyOf: (row: Row) => string): Fresh | null {
    // A version that was not asked for belongs under another key.
    return row && keyOf(row) === key ? { value: seals.seal(JSON.stringify(row), key), keepMs } : null
  }
}

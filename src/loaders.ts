import { dashboardLoaders } from './domains/dashboard/loaders.ts'
import { deedLoaders } from './domains/deeds/loaders.ts'
import { entryLoaders } from './domains/entries/loaders.ts'
import { identityLoaders } from './domains/identity/loaders.ts'
import { journalLoaders } from './domains/journal/loaders.ts'
import { progressLoaders } from './domains/progress/loaders.ts'
import { reminderLoaders } from './domains/reminders/loaders.ts'
import { resourceLoaders } from './domains/resources/loaders.ts'
import { settingLoaders } from './domains/settings/loaders.ts'
import { sharingLoaders } from './domains/sharing/loaders.ts'
import { statisticsLoaders } from './domains/statistics/loaders.ts'
import { supportLoaders } from './domains/support/loaders.ts'
import { surveyLoaders } from './domains/surveys/loaders.ts'
import type { KeptRows } from './platform/cache/kept-rows.ts'
import type { ViewerDatabase } from './platform/database/viewer-database.ts'
import type { Viewer } from './platform/viewer.ts'

const domains = [
  identityLoaders,
  settingLoaders,
  supportLoaders,
  sharingLoaders,
  deedLoaders,
  entryLoaders,
  journalLoaders,
  resourceLoaders,
  surveyLoaders,
  progressLoaders,
  statisticsLoaders,
  dashboardLoaders,
  reminderLoaders,
] as const

type DomainLoaders = (typeof domains)[number]
type All<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer Each) => void
  ? Each
  : never

/** All batched reads of a request, each domain's beside the others'. */
export type Loaders = All<ReturnType<DomainLoaders>>

/** Makes a domain's loaders when the first of them is asked for: a request needs a few of some hundred. */
class LazyLoaders {
  readonly #db: ViewerDatabase
  readonly #viewer: Viewer | null
  readonly #kept: KeptRows | null
  #made: Partial<Record<number, object>> = {}

  constructor(db: ViewerDatabase, viewer: Viewer | null, kept: KeptRows | null) {
    this.#db = db
    this.#viewer = viewer
    this.#kept = kept
  }

  static of(loaders: LazyLoaders, place: number, name: string): unknown {
    loaders.#made[place] ??= domains[place]?.(loaders.#db, loaders.#viewer, loaders.#kept) ?? {}
    return (loaders.#made[place] as Record<string, unknown>)[name]
  }

  static forget(loaders: LazyLoaders): void {
    loaders.#made = {}
  }
}

// Which names each domain has is seen once, on loaders that never read.
for (const [place, loadersOf] of domains.entries())
  for (const name of Object.keys(loadersOf(null as never, null, null)))
    Object.defineProperty(LazyLoaders.prototype, name, {
      get(this: LazyLoaders) {
        return LazyLoaders.of(this, place, name)
      },
    })

/** `kept` are rows of earlier requests; null: there are none. */
export function makeLoaders(db: ViewerDatabase, viewer: Viewer | null, kept: KeptRows | null = null): Loaders {
  return new LazyLoaders(db, viewer, kept) as unknown as Loaders
}

/** What was read is read anew from here on, by the same object. */
export function forgetLoaded(loaders: Loaders): void {
  LazyLoaders.forget(loaders as unknown as LazyLoaders)
}

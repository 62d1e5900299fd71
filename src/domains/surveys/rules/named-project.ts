import { ScanRefused } from './scan-refused.ts'

/** A project that somebody may name. */
export interface NameableProject {
  /** As the API gives it. */
  readonly id: string
  readonly name: string
  readonly ownerName: string
}

const mostListed = 20

/** The one that is meant, by its id or its name, without regard to case. Throws `ScanRefused`, which lists those that there are, for none and for several. */
export function namedProject<Project extends NameableProject>(projects: readonly Project[], wanted: string): Project {
  const byId = projects.find(({ id }) => id === wanted.trim())
  if (byId) return byId
  const named = projects.filter(({ name }) => comparable(name) === comparable(wanted))
  const [first] = named
  if (first !== undefined && named.length === 1) return first
  if (named.length > 1)
    throw new ScanRefused(`Several projects are called "${wanted}". Give the id of one:${listed(named)}`)
  if (projects.length === 0)
    throw new ScanRefused(
      'This person has no project, and may write in none of others: make one with `createProject` first.',
    )
  throw new ScanRefused(
    `There is no project "${wanted}" in which this person may write. Give the name or the id of one of these:${listed(projects)}`,
  )
}

function comparable(name: string): string {
  return name.normalize('NFC').trim().toLowerCase()
}

function listed(projects: readonly NameableProject[]): string {
  const lines = projects.slice(0, mostListed).map(({ id, name, ownerName }) => `\n  ${id}  ${name} (${ownerName})`)
  const more = projects.length - mostListed
  return `${lines.join('')}${more > 0 ? `\n  and ${more} more` : ''}`
}

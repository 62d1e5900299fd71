import type { Database, UserId } from '../../platform/database/types.ts'
import { type UsageCounts, usageOfViewer } from './queries/usage.ts'

/** How many there may be, as the database's triggers have it; null: as many as one likes. */
const limits: Readonly<Record<keyof UsageCounts, number | null>> = {
  deeds: 100,
  itemsOfLargestDeed: 500,
  versionsOfLongestScale: 200,
  entries: null,
  goals: null,
  sessions: 50,
  relationsAsOwner: 200,
  relationsAsRequester: 200,
}

/** How much the viewer's account holds, and how much it may. */
export async function usageOf(db: Database, viewerId: UserId) {
  const counts = await usageOfViewer(db, viewerId)
  const of = (name: keyof UsageCounts) => ({ used: counts[name], limit: limits[name] })
  return {
    deeds: of('deeds'),
    itemsOfLargestDeed: of('itemsOfLargestDeed'),
    versionsOfLongestScale: of('versionsOfLongestScale'),
    entries: of('entries'),
    goals: of('goals'),
    sessions: of('sessions'),
    relationsAsOwner: of('relationsAsOwner'),
    relationsAsRequester: of('relationsAsRequester'),
  }
}

import type { Databases } from '../../platform/database/databases.ts'
import { oneClickRoutes } from '../../platform/http/one-click-page/routes.ts'
import { turnNoticesOff } from './queries/reminders.ts'
import type { ReminderServices } from './services.ts'
import { offPageTexts } from './texts.ts'

/** A Fastify plugin: the page behind the link in each mail of a reminder, or about a goal. */
export function offPageRoutes(
  { offLinks }: Pick<ReminderServices, 'offLinks'>,
  databases: Pick<Databases, 'forViewer'>,
) {
  return oneClickRoutes<'reminder' | 'goals'>({
    texts: offPageTexts,
    kindOf(token) {
      const claim = offLinks.read(token)
      return claim && (claim.reminderId === null ? 'goals' : 'reminder')
    },
    async turnOff(token, request) {
      const claim = offLinks.read(token)
      if (!claim) return
      const { ownerId, reminderId } = claim
      await databases.forViewer(null, request).auth.inTransaction((tx) => turnNoticesOff(tx, ownerId, reminderId))
    },
  })
}

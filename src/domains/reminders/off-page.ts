import type { AuthDatabase } from '../../platform/database/auth-database.ts'
import { oneClickRoutes } from '../../platform/http/one-click-page/routes.ts'
import { turnNoticesOff } from './queries/reminders.ts'
import type { OffLinks } from './sending/off-links.ts'
import { offPageTexts } from './texts.ts'

export interface OffPageParts {
  readonly offLinks: Pick<OffLinks, 'read'>
  authFor(request: { requestId: string; ip: string }): AuthDatabase
}

/** A Fastify plugin: the page behind the link in each mail of a reminder, or about a goal. */
export function offPageRoutes({ offLinks, authFor }: OffPageParts) {
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
      await authFor(request).inTransaction((tx) => turnNoticesOff(tx, ownerId, reminderId))
    },
  })
}

import type { Mailer } from '../../identity/services/mail.ts'
import type { Handover } from '../firing.ts'
import { letterOf } from '../messages.ts'
import type { DeliveryFacts } from '../queries/deliveries.ts'
import type { OffLinks } from './off-links.ts'

export interface EmailTools {
  readonly mailer: Pick<Mailer, 'handOver'>
  readonly offLinks: Pick<OffLinks, 'urlOf'>
  readonly publicUrl: string
}

/** Sends a message by e-mail; that there is a confirmed address was asked before. */
export async function sendEmail(facts: DeliveryFacts, { mailer, offLinks, publicUrl }: EmailTools): Promise<Handover> {
  if (facts.email === null) return { result: 'pointless', code: 'address_not_confirmed' }
  return mailer.handOver(letterOf(facts, facts.email, { diary: publicUrl, off: offLinks.urlOf(publicUrl, facts) }))
}

import type { IdentityServices } from './domains/identity/services.ts'
import type { ReminderServices } from './domains/reminders/services.ts'
import type { ObjectStore } from './platform/objects/objects.ts'

/** What the process has one of, made by `app.ts` and handed to resolvers. */
export interface Services {
  identity: IdentityServices
  /** What is too large for the database. */
  objects: ObjectStore
  reminders: ReminderServices
  /** Where people reach this service, for links in mails; no slash at the end. */
  publicUrl: string
}

import type { IdentityServices } from './domains/identity/services.ts'

/** What the process has one of, made by `app.ts` and handed to resolvers. */
export interface Services {
  identity: IdentityServices
  /** Where people reach this service, for links in mails; no slash at the end. */
  publicUrl: string
}

// What each mutation is sent with, so that its owner, or whoever else it is for, is not refused.
import { createECDH, randomBytes } from 'node:crypto'
import { withClient } from '../../src/platform/database/migrator.ts'
import { password, peopleOf, tokenIn } from '../domains/identity/people.ts'
import type { TestService } from '../support/service.ts'
import { type Attempt, attempts, type Id } from './attempts.ts'
import type { Role } from './world.ts'

export interface Sender {
  readonly role: Role
  readonly email: string
  readonly service: TestService
}
/** An input out of ids of what is Leila's. */
export type Input = (theirs: Id, sender: Sender) => object | Promise<object>

const newPassword = 'nine green boats whistle'

/** The token of the last mail that somebody got, who got none of the service before. */
async function mailed({ email, service }: Sender, send: (people: ReturnType<typeof peopleOf>) => Promise<unknown>) {
  const people = peopleOf(service)
  await send(people)
  return tokenIn((await people.mailsTo(email, 1)).at(-1))
}

const subscription = () => ({
  endpoint: 'https://push.example/mine',
  p256dh: createECDH('prime256v1').generateKeys('base64url'),
  auth: randomBytes(16).toString('base64url'),
})

/** Of one's own account alone: whoever is signed in does it to themselves. */
const ofAccount: Record<string, Input> = {
  register: () => ({ email: 'new@kitaab.example', password, fullName: 'New' }),
  resendVerification: (_theirs, { email }) => ({ email }),
  verifyEmail: async (_theirs, sender) => {
    const { email, service } = sender
    // Many do so at once, and a client takes one statement at a time.
    await withClient(service.database.connections.forRole('kitaab_admin'), (admin) =>
      admin.query('update users set email_verified = false where email = $1', [email]),
    )
    return { token: await mailed(sender, (people) => people.resend(email)) }
  },
  logIn: (_theirs, { email }) => ({ email, password }),
  refreshSession: async (_theirs, { email, service }) => {
    const { data } = await peopleOf(service).logIn(email)
    return { refreshToken: data.answer.refreshToken }
  },
  logOut: () => ({}),
  requestPasswordReset: (_theirs, { email }) => ({ email }),
  resetPassword: async (_theirs, sender) => ({
    token: await mailed(sender, (people) => people.forget(sender.email)),
    newPassword,
  }),
  changePassword: () => ({ currentPassword: password, newPassword }),
  changeEmail: () => ({ currentPassword: password, newEmail: 'later@kitaab.example' }),
  closeAccount: () => ({ currentPassword: password }),
  cancelClosure: () => ({}),
  exportMyData: () => ({}),
  updateAccount: () => ({ fullName: 'Mine' }),
  createDeed: () => ({ category: 'HASANAAT', name: 'Mine', measure: 'COUNT', unit: 'pages' }),
  requestUpload: () => ({}),
  requestScanUpload: () => ({}),
  setGoalNotices: () => ({ channels: ['PUSH'] }),
  subscribePush: subscription,
  unsubscribePush: () => ({}),
  writeReflection: () => ({ type: 'GENERAL', message: 'Mine' }),
  sendMessage: () => ({ content: 'Mine' }),
  createProject: () => ({ name: 'Mine' }),
  createResource: () => ({ type: 'book', name: 'Mine' }),
  setSetting: () => ({ key: 'matrix', value: 'mine' }),
  setUserSetting: () => ({ key: 'matrix', value: 'mine' }),
  // Nobody but Leila has one under this key.
  deleteUserSetting: () => ({ key: 'matrix' }),
  // She is asked; whoever she is connected with has asked before.
  requestRelation: () => ({ to: 'leila' }),
}

/** Of what is Leila's, where what is tried of others' in attempts.ts would be refused to her as well. */
const ofLeila: Record<string, Input> = {
  publishScale: (theirs) => ({ deedId: theirs('ScaledDeed'), values: [{ name: 'Mine' }] }),
  recordEntry: (theirs) => ({ itemId: theirs('DeedItem'), count: '9', expectedVersion: 2 }),
  recordEntries: (theirs) => ({
    rows: [
      { itemId: theirs('DeedItem'), count: '9', expectedVersion: 2 },
      { itemId: theirs('LowerItem'), count: '9', expectedVersion: 99 },
      { itemId: theirs('ScaledItem'), scaleValueId: theirs('LaterValue') },
    ],
  }),
  revertEntry: (theirs) => ({ entryId: theirs('Entry'), changeId: theirs('EntryChange'), expectedVersion: 2 }),
  clearEntry: (theirs) => ({ entryId: theirs('Entry'), expectedVersion: 2 }),
  restoreResource: (theirs) => ({ resourceId: theirs('DeletedResource') }),
  restoreProject: (theirs) => ({ projectId: theirs('DeletedProject') }),
  restoreDeletedScan: (theirs) => ({ scanId: theirs('DeletedScan') }),
  importEntries: (theirs) => ({ uploadId: theirs('Upload'), format: 'CSV' }),
  // The requester has an id of their own.
  removeRelation: (theirs, { role }) => ({ relationId: theirs(role === 'reader' ? 'RequestOfReader' : 'Relation') }),
  unblock: (theirs) => ({ relationId: theirs('BlockedRelation') }),
  grantPermissions: (theirs) => ({
    relationId: theirs('Relation'),
    permissions: [{ itemId: theirs('DeedItem'), type: 'READ' }],
  }),
}

/** Whether it is done to what is Leila's, not to whatever the sender has. */
export const isOfLeila = (mutation: string) => Object.hasOwn(attempts, mutation) || Object.hasOwn(ofLeila, mutation)

const firstOf =
  (tries: readonly Attempt[]): Input =>
  (theirs) =>
    tries[0]?.(theirs, theirs) ?? {}

/** By mutation. */
export const inputs: Readonly<Record<string, Input>> = {
  ...Object.fromEntries(Object.entries(attempts).map(([mutation, tries]) => [mutation, firstOf(tries)])),
  ...ofLeila,
  ...ofAccount,
}

import type { Context } from '../../context.ts'
import type { MutationResolvers, Resolvers } from '../../generated/graphql.ts'
import { notFound } from '../../platform/graphql/errors.ts'
import { found, ownKey, someViewer } from '../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-ids.ts'
import { checkVersion } from '../deeds/queries/locks.ts'
import { deviceOf } from './devices.ts'
import { deviceCount, removeDevices, upsertDevice } from './queries/devices.ts'
import {
  deleteReminder,
  goalChannels,
  lockReminder,
  type ReminderKey,
  remindersOfOwner,
  setGoalChannels,
} from './queries/reminders.ts'
import { checkedChannels } from './rules.ts'
import { setReminder } from './setting.ts'

type Mutations = 'setReminder' | 'deleteReminder' | 'setGoalNotices' | 'subscribePush' | 'unsubscribePush'

const mutations: Pick<MutationResolvers, Mutations> = {
  async setReminder(_root, { input }, { viewer, transaction, loaders }) {
    const { userId: ownerId } = someViewer(viewer)
    const key = input.reminderId == null ? null : ownKey(keyOf(input.reminderId), viewer)
    const reminderId = await transaction((tx) => setReminder(tx, ownerId, key, input))
    return { reminder: found(await loaders.reminder.load({ ownerId, reminderId })) }
  },
  async deleteReminder(_root, { input }, context) {
    const key = ownKey(keyOf(input.reminderId), context.viewer)
    await context.transaction(async (tx) => {
      const reminder = await lockReminder(tx, key)
      if (!reminder) throw notFound()
      checkVersion(reminder.version, input.expectedVersion)
      await deleteReminder(tx, key)
    })
    return ownAccount(context)
  },
  async setGoalNotices(_root, { input }, context) {
    const { userId } = someViewer(context.viewer)
    const channels = checkedChannels(input.channels, { mayBeNone: true })
    await context.transaction((tx) => setGoalChannels(tx, userId, channels))
    return ownAccount(context)
  },
  async subscribePush(_root, { input }, context) {
    const { userId } = someViewer(context.viewer)
    const device = deviceOf(userId, input, context.services.reminders)
    await context.transaction((tx) => upsertDevice(tx, userId, device))
    return ownAccount(context)
  },
  async unsubscribePush(_root, { input }, context) {
    await context.transaction((tx) => removeDevices(tx, input.endpoint ?? null))
    return ownAccount(context)
  },
}

export const resolvers: Resolvers = {
  Account: {
    reminders: ({ userId }, _args, { db }) => remindersOfOwner(db, userId),
    goalNotices: ({ userId }, _args, { db }) => goalChannels(db, userId),
    pushKey: (_account, _args, { services }) => services.reminders.pushKey,
    pushDevices: ({ userId }, _args, { db }) => deviceCount(db, userId),
  },
  Reminder: {
    id: (reminder) => toGlobalId('Reminder', reminder),
  },
  Mutation: mutations,
}

function keyOf(id: string): ReminderKey {
  return fromGlobalId('Reminder', id, 'input.reminderId')
}

async function ownAccount({ viewer, loaders }: Context) {
  return { account: found(await loaders.account.load(someViewer(viewer).userId)) }
}

/** How `node(id:)` reads this domain's objects. */
export const reminderNodes = {
  Reminder: (key: ReminderKey, { loaders }: Context) => loaders.reminder.load(key),
}

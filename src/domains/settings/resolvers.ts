import type { Context } from '../../context.ts'
import type { Resolvers, SetSettingInput } from '../../generated/graphql.ts'
import { badUserInput, forbidden } from '../../platform/graphql/errors.ts'
import { found, someViewer } from '../../platform/graphql/found.ts'
import { requireText } from '../../platform/graphql/text.ts'
import { accountsByIds } from '../administration/queries/accounts.ts'
import { ownSettings, settingsPage, versionsPage } from './queries.ts'
import { longestDescription, settingKey } from './rules.ts'
import { deleteUserSetting, type SettingRequest, setSetting, setUserSetting } from './setting.ts'

const pageSize = 20

export const resolvers: Resolvers = {
  Query: {
    setting: async (_root, { key }, { loaders }) => found(await loaders.setting.load(settingKey(key, 'key')), 'key'),
    settings: (_root, { first, after = null }, { viewer, db }) =>
      settingsPage(db, someViewer(viewer).userId, { first: first ?? pageSize, after }),
  },

  Account: {
    settings: ({ userId }, _arguments, { db }) => ownSettings(db, userId),
  },

  Setting: {
    isOwn: ({ own }) => own !== null,
    history: ({ key }, { first, after = null }, context) =>
      historyWithPeople(context, key, { first: first ?? pageSize, after }),
  },

  Mutation: {
    async setSetting(_root, { input }, context) {
      const request = settingRequestOf(input)
      await context.transaction((tx) => setSetting(tx, request))
      return { setting: found(await context.loaders.setting.load(request.key)) }
    },
    async setUserSetting(_root, { input }, context) {
      const { userId } = someViewer(context.viewer)
      const request = {
        key: settingKey(input.key, 'input.key'),
        value: input.value,
        expectedVersion: input.expectedVersion ?? null,
      }
      const userSetting = await context.transaction((tx) => setUserSetting(tx, userId, request))
      return { userSetting, setting: found(await context.loaders.setting.load(request.key)) }
    },
    async deleteUserSetting(_root, { input }, context) {
      const { userId } = someViewer(context.viewer)
      const key = settingKey(input.key, 'input.key')
      const request = { key, expectedVersion: input.expectedVersion ?? null }
      await context.transaction((tx) => deleteUserSetting(tx, userId, request))
      return { key, setting: await context.loaders.setting.load(key) }
    },
  },
}

function settingRequestOf(input: SetSettingInput): SettingRequest {
  const { description } = input
  if (input.isPublic === null) {
    throw badUserInput('`isPublic` may be left out, and then stays as it is; it can’t be null.', {
      reason: 'CANNOT_BE_NULL',
      field: 'input.isPublic',
    })
  }
  return {
    key: settingKey(input.key, 'input.key'),
    value: input.value,
    jsonSchema: input.jsonSchema,
    isPublic: input.isPublic,
    description:
      description == null
        ? description
        : requireText(description, { field: 'input.description', max: longestDescription }),
    expectedVersion: input.expectedVersion ?? null,
  }
}

/** FORBIDDEN, MISSING_ROLE for all but administrators; the row-level policies would show them nothing. */
async function historyWithPeople(
  { db, auth, viewer }: Context,
  key: string,
  place: { readonly first: number; readonly after: string | null },
) {
  const { userId, role } = someViewer(viewer)
  if (role !== 'admin') throw forbidden('This needs the role ADMIN.', { reason: 'MISSING_ROLE', role: 'ADMIN' })
  const page = await versionsPage(db, key, place)
  const ids = page.rows.map(({ changedBy }) => changedBy).filter((id) => id !== null)
  const people = new Map((await accountsByIds(auth, userId, [...new Set(ids)])).map((one) => [one.userId, one]))
  const rows = page.rows.map((change) => ({
    ...change,
    changedBy: change.changedBy === null ? null : (people.get(change.changedBy) ?? null),
  }))
  return { ...page, rows }
}

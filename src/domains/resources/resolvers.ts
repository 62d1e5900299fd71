import type { Context } from '../../context.ts'
import type {
  ResourceFilter as AskedFilter,
  CreateResourceInput,
  Resolvers,
  UpdateResourceInput,
} from '../../generated/graphql.ts'
import { badUserInput } from '../../platform/graphql/errors.ts'
import { ownKey, someViewer } from '../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-ids.ts'
import { requireText } from '../../platform/graphql/text.ts'
import { type ResourceFilter, type ResourceKey, resourcesPage } from './queries.ts'
import { createResource, deleteResource, restoreResource, updateResource } from './resource.ts'
import { longest, type ResourceDraft, wantedMetadata } from './rules.ts'
import { contentOf } from './sealing.ts'

const pageSize = 20
const mostTypes = 20

export const resolvers: Resolvers = {
  Account: {
    resources: ({ userId }, { filter, orderBy, first, after = null }, { db }) => {
      const wanted = filterOf(filter ?? {})
      // What looks into texts and metadata may be slow: nobody waits behind it.
      return resourcesPage(wanted.text || wanted.metadata ? db.long : db, userId, {
        filter: wanted,
        order: orderBy ?? 'CREATED_DESC',
        first: first ?? pageSize,
        after,
      })
    },
  },

  Resource: {
    id: (resource) => toGlobalId('Resource', resource),
    description: (resource, _arguments, { services }) => contentOf(resource, services.reminders.seals).description,
    metadata: (resource, _arguments, { services }) => contentOf(resource, services.reminders.seals).metadata,
  },

  Mutation: {
    async createResource(_root, { input }, { viewer, transaction, services }) {
      const { userId } = someViewer(viewer)
      const draft = draftOf(input)
      return { resource: await transaction((tx) => createResource(tx, userId, draft, services.reminders.seals)) }
    },
    async updateResource(_root, { input }, { viewer, transaction, services }) {
      const key = keyOf(input.resourceId, viewer)
      const request = { changes: changesOf(input), expectedVersion: input.expectedVersion ?? null }
      return { resource: await transaction((tx) => updateResource(tx, key, request, services.reminders.seals)) }
    },
    async deleteResource(_root, { input }, { viewer, transaction }) {
      const key = keyOf(input.resourceId, viewer)
      return { resource: await transaction((tx) => deleteResource(tx, key, input.expectedVersion ?? null)) }
    },
    async restoreResource(_root, { input }, { viewer, transaction }) {
      const key = keyOf(input.resourceId, viewer)
      return { resource: await transaction((tx) => restoreResource(tx, key)) }
    },
  },
}

/** How `node(id:)` reads this domain's objects. */
export const resourceNodes = {
  Resource: (key: ResourceKey, { loaders }: Context) => loaders.resource.load(key),
}

function keyOf(id: string, viewer: Context['viewer']): ResourceKey {
  return ownKey(fromGlobalId('Resource', id, 'input.resourceId'), viewer)
}

const texts = {
  type: (text: string, field = 'input.type') => requireText(text, { field, max: longest.type }),
  name: (text: string) => requireText(text, { field: 'input.name', max: longest.name }),
  description: (text: string) => requireText(text, { field: 'input.description', max: longest.description }),
}

function draftOf(input: CreateResourceInput): ResourceDraft {
  return {
    type: texts.type(input.type),
    name: texts.name(input.name),
    description: input.description == null ? null : texts.description(input.description),
    metadata: input.metadata ?? {},
    status: input.status ?? 'active',
    isSensitive: input.isSensitive ?? false,
  }
}

/** What is left out stays as it is. BAD_USER_INPUT, CANNOT_BE_NULL for all but the description. */
function changesOf(input: UpdateResourceInput): Partial<ResourceDraft> {
  for (const field of ['type', 'name', 'metadata', 'status', 'isSensitive'] as const) {
    if (input[field] !== null) continue
    throw badUserInput(`\`${field}\` may be left out, and then stays as it is; it can’t be null.`, {
      reason: 'CANNOT_BE_NULL',
      field: `input.${field}`,
    })
  }
  const { type, name, description, metadata, status, isSensitive } = input
  return {
    ...(type != null && { type: texts.type(type) }),
    ...(name != null && { name: texts.name(name) }),
    ...(description !== undefined && { description: description && texts.description(description) }),
    ...(metadata != null && { metadata }),
    ...(status != null && { status }),
    ...(isSensitive != null && { isSensitive }),
  }
}

function filterOf(filter: AskedFilter): ResourceFilter {
  const { isDeleted, types, statuses, metadata, createdFrom, createdUntil, text } = filter
  if (types?.length === 0 || statuses?.length === 0) {
    throw badUserInput('Name at least one, or leave the list out.', {
      reason: 'EMPTY_LIST',
      field: types?.length === 0 ? 'filter.types' : 'filter.statuses',
    })
  }
  if ((types?.length ?? 0) > mostTypes || (statuses?.length ?? 0) > mostTypes)
    throw badUserInput(`At most ${mostTypes} at once.`, { reason: 'TOO_MANY', field: 'filter' })
  if (createdFrom && createdUntil && Date.parse(createdUntil) < Date.parse(createdFrom)) {
    throw badUserInput('The range ends before it begins.', {
      reason: 'RANGE_REVERSED',
      field: 'filter.createdUntil',
    })
  }
  return {
    isDeleted: isDeleted ?? false,
    types: types?.map((type) => texts.type(type, 'filter.types')) ?? null,
    statuses: statuses ?? null,
    metadata: metadata ? wantedMetadata(metadata.path, metadata.value) : null,
    createdFrom: createdFrom ?? null,
    createdUntil: createdUntil ?? null,
    text: text == null ? null : requireText(text, { field: 'filter.text', max: longest.text }),
  }
}

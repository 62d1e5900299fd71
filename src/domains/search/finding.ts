import type { Context } from '../../context.ts'
import type { SearchKind } from '../../generated/database.ts'
import { badUserInput, forbidden } from '../../platform/graphql/errors.ts'
import type { Viewer } from '../../platform/viewer.ts'
import { type FoundDocument, pageOfFound, wordsMeant } from './queries.ts'
import { excerptOf, type FoundPage, scopesOfKinds, wordsOf } from './rules.ts'

/** An object as the viewer may read it, and its texts, the weightiest first. */
interface ReadObject {
  readonly node: object & { readonly __typename: string }
  readonly texts: readonly (string | null)[]
}

type Reader = (key: FoundDocument, loaders: Context['loaders']) => Promise<ReadObject | null>

const readers: Readonly<Partial<Record<SearchKind, Reader>>> = {
  async deed({ ownerId, objectId }, loaders) {
    const deed = await loaders.deed.load({ ownerId, deedId: objectId })
    return deed && { node: { ...deed, __typename: 'Deed' }, texts: [deed.name, deed.description] }
  },
  async deed_item({ ownerId, objectId }, loaders) {
    const item = await loaders.deedItem.load({ ownerId, itemId: objectId })
    return item && { node: { ...item, __typename: 'DeedItem' }, texts: [item.name, item.description] }
  },
  async note({ ownerId, objectId, date }, loaders) {
    const entry = await loaders.entryOnDay.load({ ownerId, itemId: objectId, date })
    return entry?.notes == null ? null : { node: { ...entry, __typename: 'Entry' }, texts: [entry.notes] }
  },
  async reflection({ ownerId, objectId }, loaders) {
    const reflection = await loaders.reflection.load({ ownerId, reflectionId: objectId })
    return reflection && { node: { ...reflection, __typename: 'Reflection' }, texts: [reflection.message] }
  },
  async message({ ownerId, objectId }, loaders) {
    const message = await loaders.message.load({ ownerId, messageId: objectId })
    return message && { node: { ...message, __typename: 'Message' }, texts: [message.content] }
  },
  async resource({ ownerId, objectId }, loaders) {
    const resource = await loaders.resource.load({ ownerId, resourceId: objectId })
    if (!resource || resource.isSensitive) return null
    return { node: { ...resource, __typename: 'Resource' }, texts: [resource.name, resource.description] }
  },
}

/**
 * A page of what is found. Each object is read as the viewer: what was taken back, deleted or cleared since it was found is left
 * out. The words to highlight are asked for once, when somebody wants to see them.
 */
export async function foundObjects(
  { db, loaders }: Context,
  viewer: Viewer,
  text: string,
  asked: readonly SearchKind[] | null,
  place: { readonly first: number; readonly after: string | null | undefined },
): Promise<FoundPage> {
  const wanted = { text, kinds: kindsFor(viewer, asked) }
  const page = await pageOfFound(db.long, viewer.userId, wanted, place)
  const objects = await Promise.all(page.rows.map((key) => readers[key.kind]?.(key, loaders) ?? null))
  const texts = objects.map((object) => object?.texts.filter((each) => each !== null) ?? [])
  let meant: Promise<Set<string>> | undefined
  const isMeant = async () => {
    meant ??= wordsMeant(db.long, text, wordsOf(texts.flat()))
    const words = await meant
    return (word: string) => words.has(word)
  }
  const shown = page.rows.flatMap(({ ownerId, kind, rank }, index) => {
    const node = objects[index]?.node
    const fragments = async () => excerptOf(texts[index] ?? [], await isMeant())
    return node ? [{ row: { ownerId, kind, rank, node, fragments }, cursor: page.cursors[index] ?? '' }] : []
  })
  return { ...page, rows: shown.map(({ row }) => row), cursors: shown.map(({ cursor }) => cursor) }
}

const allKinds = Object.keys(scopesOfKinds) as SearchKind[]

/** What is searched: what was asked for, else all that the token may read. FORBIDDEN, MISSING_SCOPE when it may not. */
function kindsFor(viewer: Viewer, asked: readonly SearchKind[] | null): SearchKind[] {
  const lacking = (kind: SearchKind) => !viewer.scopes.includes(scopesOfKinds[kind] ?? '')
  if (asked === null) return allKinds.filter((kind) => !lacking(kind))
  if (asked.length === 0)
    throw badUserInput('Name at least one kind to search, or leave `in` out.', { reason: 'EMPTY_LIST', field: 'in' })
  const scopes = asked.filter(lacking).map((kind) => scopesOfKinds[kind])
  if (scopes.length > 0)
    throw forbidden(`The token lacks ${scopes.join(', ')}.`, { reason: 'MISSING_SCOPE', scopes: [...new Set(scopes)] })
  return allKinds.filter((kind) => asked.includes(kind))
}

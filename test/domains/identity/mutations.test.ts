import { createECDH, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  buildSchema,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
} from 'graphql'
import { type IdType, idParts, toGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import type { TestService } from '../../support/service.ts'
import { isTried, startWholeService } from '../../support/whole-service.ts'
import { outcome } from './people.ts'

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
/** All that only somebody who is logged in may ask. */
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {}).filter(
  ({ astNode }) => !astNode?.directives?.some(({ name }) => name.value === 'public'),
)

// What a mutation needs beyond the fields that its input requires.
const needed: Record<string, object> = {
  importEntries: { uploadId: crypto.randomUUID() },
  recordEntry: { count: '1' },
  setSetting: { key: 'theme' },
  createResource: { metadata: {} },
  addScan: { geometry: { type: 'Point', coordinates: [31, 30] } },
  setUserSetting: { key: 'theme' },
  deleteUserSetting: { key: 'theme' },
  changePassword: { newPassword: 'the camel has woken' },
  requestRelation: { to: 'somebody@kitaab.example' },
  changeEmail: { newEmail: 'woken@kitaab.example' },
  createDeed: { measure: 'COUNT', unit: 'pages' },
  createMerit: { startDate: '2026-01-01', endDate: '2026-01-31' },
  setReminder: { localTime: '21:30' },
  subscribePush: {
    endpoint: 'https://push.example/mutates',
    p256dh: createECDH('prime256v1').generateKeys('base64url'),
    auth: randomBytes(16).toString('base64url'),
  },
  createTarget: { startDate: '2026-01-01', endDate: '2026-01-31' },
}
const values: Record<string, unknown> = {
  Int: 1,
  Decimal: '1',
  Date: '2026-01-01',
  Boolean: true,
}
const otherIds: Record<string, IdType> = {
  item: 'DeedItem',
  parent: 'DeedItem',
  change: 'EntryChange',
  upTo: 'Message',
}
/** Where one name stands for different types. */
const idsOf: Record<string, Record<string, IdType>> = { UnshareProjectInput: { permissionId: 'ProjectPermission' } }

interface Owner {
  readonly person: TestPerson
  /** Of a deed and an item that the person has; of anything else there is none. */
  readonly ids: Readonly<Partial<Record<IdType, string>>>
}

let service: TestService
beforeAll(async () => {
  service = await startWholeService()
}, 60_000)
afterAll(() => service.stop())

/** Of the role that the mutation asks for. */
async function newOwner(role: Viewer['role'] = 'member'): Promise<Owner> {
  const person = { ...(await newUser(service.database, 'mutates')), role }
  await service.database.admin.query('update users set role = $2 where user_id = $1', [person.userId, role])
  const { data } = await service.execute(
    `mutation { createDeed(input: { category: HASANAAT, name: "Quran", measure: COUNT, unit: "pages", items: [{ name: "Reading" }] }) {
      deed { id items { id } }
    } }`,
    {},
    { as: person },
  )
  const { deed } = data.createDeed
  return { person, ids: { Deed: deed.id, DeedItem: deed.items[0].id } }
}

/** An input as the schema asks for it, about things of the person's own. */
function inputOf(type: GraphQLInputType, owner: Owner, field = ''): unknown {
  const named = getNamedType(type)
  if (isListType(isNonNullType(type) ? type.ofType : type)) return [inputOf(named as GraphQLInputType, owner, field)]
  if (isInputObjectType(named)) {
    const required = Object.values(named.getFields()).filter(
      ({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined,
    )
    return Object.fromEntries(
      required.map(({ name, type }) => [name, inputOf(type, owner, idsOf[named.name]?.[name] ?? name)]),
    )
  }
  if (isEnumType(named)) return named.getValues()[0]?.name
  if (named.name === 'ID') return idOf(field, owner)
  return values[named.name] ?? 'a text'
}

/** The id of something of the type that the field is named for: `deedId`, `itemId`. */
function idOf(field: string, { person, ids }: Owner): string {
  const name = field.replace(/Ids?$/, '')
  const type = otherIds[name] ?? (((name[0] ?? '').toUpperCase() + name.slice(1)) as IdType)
  if (!(type in idParts)) throw new Error(`Of which type is ${field}? Say so in otherIds.`)
  const existing = ids[type]
  if (existing) return existing
  const partOf = (part: string) => {
    if (part === 'userId' || part === 'ownerId') return person.userId
    if (part === 'direction') return 'received'
    if (part === 'sessionId' || part === 'deletionId') return crypto.randomUUID()
    return part === 'date' ? '2026-01-01' : '1'
  }
  return toGlobalId(type, Object.fromEntries(idParts[type].map((part) => [part, partOf(part)])) as never)
}

function roleOf(name: string): Viewer['role'] {
  const requires = mutations
    .find((field) => field.name === name)
    ?.astNode?.directives?.find((directive) => directive.name.value === 'requires')
  const role = requires?.arguments?.find((argument) => argument.name.value === 'role')?.value
  return role?.kind === Kind.ENUM ? (role.value.toLowerCase() as Viewer['role']) : 'member'
}

async function send(name: string, owner: Owner): Promise<string> {
  const [arg] = schema.getMutationType()?.getFields()[name]?.args ?? []
  const ask = (document: string, variables = {}) => service.execute(document, variables, { as: owner.person })
  if (!arg) return outcome(await ask(`mutation { ${name} { __typename } }`))
  const input = { ...(inputOf(arg.type, owner) as object), ...needed[name] }
  return outcome(await ask(`mutation ($input: ${arg.type}) { ${name}(input: $input) { __typename } }`, { input }))
}

test.each(mutations.filter(isTried).map(({ name }) => name))(
  'SES-2 %s is refused once the session was revoked, the account suspended, or its role changed',
  async (name) => {
    const role = roleOf(name)
    const [revoked, suspended, promoted] = [await newOwner(role), await newOwner(role), await newOwner(role)]
    const { admin } = service.database
    await admin.query('update sessions set revoked_at = now() where session_id = $1', [revoked.person.sessionId])
    await admin.query("update users set status = 'suspended' where user_id = $1", [suspended.person.userId])
    await admin.query("update users set role = 'analyst' where user_id = $1", [promoted.person.userId])
    expect(await send(name, revoked)).toBe('UNAUTHENTICATED SESSION_ENDED')
    expect(await send(name, suspended)).toBe('UNAUTHENTICATED ACCOUNT_INACTIVE')
    expect(await send(name, promoted)).toBe('UNAUTHENTICATED TOKEN_EXPIRED')
  },
)

test('the mutations that need no session are those of getting in, and no other', () => {
  const open = Object.keys(schema.getMutationType()?.getFields() ?? {}).filter(
    (name) => !mutations.some((field) => field.name === name),
  )
  expect(open.sort()).toEqual([
    'logIn',
    'refreshSession',
    'register',
    'requestPasswordReset',
    'resendVerification',
    'resetPassword',
    'verifyEmail',
  ])
})

// Resources by id and settings of the service: kept, and told as they are at once, whichever process wrote them.
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import { newDatabase, type TestDatabase } from '../support/database.ts'
import { newUser, type TestPerson } from '../support/people.ts'
import { startRedis } from '../support/redis.ts'
import { type RedisProxy, redisProxy } from '../support/redis-proxy.ts'
import { startService, type TestService } from '../support/service.ts'

const redis = await startRedis()
let database: TestDatabase
beforeAll(async () => {
  database = await newDatabase()
})
afterAll(async () => {
  await database.stop()
  await redis?.stop()
})

const jwtPrivateKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const places: [string, boolean][] = [['in process', false], ...(redis ? [['in Redis', true] as [string, boolean]] : [])]

describe.each(places)('what is kept %s', (_name, inRedis) => {
  let proxy: RedisProxy | null
  let service: TestService
  /** Another process on the same database, with a memory of its own. */
  let other: TestService
  beforeAll(async () => {
    proxy = inRedis && redis ? await redisProxy(redis.url) : null
    const config = { cache: true, jwtPrivateKey, ...(proxy && { redisUrl: proxy.url }) }
    service = await startService({ database, config })
    other = await startService({ database, config })
  })
  afterAll(async () => {
    await service.stop()
    await other.stop()
    await proxy?.stop()
  })

  let leila: TestPerson
  let admin: TestPerson
  beforeEach(async () => {
    leila = await newUser(database, 'Leila')
    const person = await newUser(database, 'Admin')
    await database.admin.query("update users set role = 'admin' where user_id = $1", [person.userId])
    admin = { ...person, role: 'admin' }
  })

  const stats = () => service.app.cache?.stats() ?? { hits: 0, stores: 0, errors: 0 }
  async function sent(to: TestService, as: TestPerson, name: string, input: object, answer: string) {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
    const document = `mutation ($input: ${type}!) { answer: ${name}(input: $input) { ${answer} } }`
    const { data, errors } = await to.execute(document, { input }, { as })
    expect(errors ?? []).toEqual([])
    return data.answer
  }
  const fields = 'id name description metadata isSensitive version'
  async function resource(id: string, from = service) {
    const query = `query ($id: ID!) { node(id: $id) { ... on Resource { ${fields} } } }`
    return (await from.execute(query, { id }, { as: leila })).data.node
  }
  async function setting(key: string, as = leila) {
    const query = 'query ($key: String!) { setting(key: $key) { key value isOwn defaultValue version } }'
    return (await service.execute(query, { key }, { as })).data.setting
  }
  /** Asks until it is answered by what is kept. */
  async function warm<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 0; attempt < 300; attempt += 1) {
      const { hits } = stats()
      const answer = await ask()
      if (stats().hits > hits) return answer
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error('Nothing is kept.')
  }
  const create = async (input: object) =>
    (await sent(service, leila, 'createResource', { type: 'book', name: 'Riyad', ...input }, `resource { ${fields} }`))
      .resource

  test('RES-1 a resource is told as it is right after each change, by this process or another', async () => {
    const { id } = await create({ description: 'Gardens' })
    expect(await warm(() => resource(id))).toMatchObject({ description: 'Gardens', version: 1 })
    let version = 1
    for (const writer of [service, other]) {
      const changes: [string, object, object | null][] = [
        ['updateResource', { name: `by ${version}` }, { name: `by ${version}` }],
        ['updateResource', { isSensitive: true, metadata: { code: 7 } }, { metadata: { code: 7 } }],
        ['deleteResource', {}, null],
        ['restoreResource', {}, { metadata: { code: 7 } }],
        ['updateResource', { isSensitive: false, metadata: {} }, { isSensitive: false, metadata: {} }],
      ]
      for (const [name, input, expected] of changes) {
        await sent(writer, leila, name, { resourceId: id, ...input }, 'resource { id }')
        version += 1
        if (expected === null) expect(await resource(id)).toBeNull()
        else {
          expect(await resource(id)).toMatchObject({ ...expected, version })
          expect(await warm(() => resource(id))).toMatchObject({ ...expected, version })
        }
      }
    }
  })

  test('SHA-8 a resource that is kept is nobody else’s', async () => {
    const { id } = await create({})
    await warm(() => resource(id))
    const budi = await newUser(database, 'Budi')
    const { data, errors } = await service.execute('query ($id: ID!) { node(id: $id) { id } }', { id }, { as: budi })
    expect([data.node, errors?.[0]?.extensions.code]).toEqual([null, 'NOT_FOUND'])
  })

  test('SET-1 a setting is told as it is right after each change, by this process or another', async () => {
    const key = `theme.${leila.userId}`
    const set = (writer: TestService, input: object) =>
      sent(writer, admin, 'setSetting', { key, isPublic: true, ...input }, 'setting { key }')
    await set(service, { value: 'light' })
    expect(await warm(() => setting(key))).toMatchObject({ value: 'light', isOwn: false, version: 1 })
    for (const [index, writer] of [service, other].entries()) {
      await set(writer, { value: `dark ${index}` })
      expect(await setting(key)).toMatchObject({ value: `dark ${index}`, isOwn: false })
      await sent(writer, leila, 'setUserSetting', { key, value: 'mine' }, 'setting { key }')
      expect(await setting(key)).toMatchObject({ value: 'mine', defaultValue: `dark ${index}` })
      await sent(writer, leila, 'deleteUserSetting', { key }, 'key')
      expect(await warm(() => setting(key))).toMatchObject({ value: `dark ${index}`, isOwn: false })
      await set(writer, { value: 'hidden', isPublic: false })
      expect(await warm(() => setting(key, admin))).toMatchObject({ value: 'hidden' })
      expect(await setting(key)).toBeNull()
      await set(writer, { value: 'shown' })
      expect(await setting(key)).toMatchObject({ value: 'shown' })
    }
  })

  const withRedis = inRedis ? test : test.skip

  withRedis('what is sensitive, and what was not when it was kept, lies nowhere in Redis', async () => {
    const client = new Redis((redis as { url: URL }).url.href)
    const { id } = await create({ description: 'zanzibar', metadata: { code: 'zanzibar' } })
    await warm(() => resource(id))
    await sent(service, leila, 'updateResource', { resourceId: id, isSensitive: true }, 'resource { id }')
    expect(await warm(() => resource(id))).toMatchObject({ description: 'zanzibar' })
    const keys = await client.keys('kitaab:*')
    expect(keys.some((key) => key.startsWith('kitaab:resource:'))).toBe(true)
    expect((await client.mget(keys)).join()).not.toContain('zanzibar')
    client.disconnect()
  })

  withRedis('while Redis does not answer, or answers nonsense, what is told is so', async () => {
    const { id } = await create({})
    for (const [index, answers] of (['never', 'nonsense'] as const).entries()) {
      await warm(() => resource(id))
      if (proxy) proxy.answers = answers
      for (const name of [`one ${index}`, `two ${index}`]) {
        await sent(other, leila, 'updateResource', { resourceId: id, name }, 'resource { id }')
        expect(await resource(id)).toMatchObject({ name })
        expect(await resource(id, other)).toMatchObject({ name })
      }
      if (proxy) proxy.answers = 'as they are'
    }
    expect(await warm(() => resource(id))).toMatchObject({ name: 'two 1' })
  })
})

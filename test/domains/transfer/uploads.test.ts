import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { makeUploadTokens } from '../../../src/domains/uploads/upload-tokens.ts'
import { shownFileName } from '../../../src/domains/uploads/uploads.ts'
import { refusalOf } from '../../support/deeds.ts'
import { runTask } from '../../support/jobs.ts'
import type { TestPerson } from '../../support/people.ts'
import { type UploadsWorld, uploadsWorld } from './uploads-world.ts'

let world: UploadsWorld
let leila: TestPerson
let budi: TestPerson
beforeAll(async () => {
  world = await uploadsWorld()
  leila = await world.newPerson('Leila')
  budi = await world.newPerson('Budi')
})
afterAll(() => world.stop())

const table = 'date,deed,value\n2026-01-01,Fast,1\n'

async function objects() {
  const { makeLocalObjects } = await import('../../../src/platform/objects/local-objects.ts')
  const found: string[] = []
  for await (const { key } of makeLocalObjects(`${world.service.home}/objects`).list('uploads')) found.push(key)
  return found
}

describe('the address', () => {
  test('takes a file by POST as by PUT', async () => {
    const { url, uploadId } = await world.requestUpload(leila)
    expect(await world.put(url, table, {}, 'POST')).toEqual({ status: 201, body: { bytes: table.length } })
    expect(await objects()).toContain(`uploads/${leila.userId}/${uploadId}`)
  })

  test('takes one file, within the hour', async () => {
    const { url, expiresAt, maxBytes, uploadId } = await world.requestUpload(leila)
    expect(maxBytes).toBe(50 * 1024 * 1024)
    const hour = Date.parse(expiresAt) - Date.now()
    expect(hour).toBeGreaterThan(3_500_000)
    expect(hour).toBeLessThanOrEqual(3_600_000)
    expect(await world.put(url, table)).toEqual({ status: 201, body: { bytes: table.length } })
    const again = await world.put(url, 'other')
    expect(again).toMatchObject({ status: 409, body: { errors: [{ extensions: { code: 'CONFLICT' } }] } })
    expect(await objects()).toContain(`uploads/${leila.userId}/${uploadId}`)
  })

  test('of fifty senders at once one is taken', async () => {
    const { url } = await world.requestUpload(leila)
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.put(url, table)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49)
  })

  test('that is over, changed, or of a session that has ended takes nothing', async () => {
    const { url, uploadId } = await world.requestUpload(leila)
    const tokens = makeUploadTokens({ current: () => keysOf('1') })
    const others = makeUploadTokens({ current: () => keysOf('2') })
    const claim = {
      userId: leila.userId,
      sessionId: leila.sessionId,
      role: 'member',
      uploadId,
      expiresAt: Date.now() + 1e6,
    }
    expect(tokens.read(tokens.sign(claim))).toEqual(claim)
    expect(others.read(tokens.sign(claim))).toBeNull()
    expect(tokens.read(tokens.sign(claim).replace(`${leila.userId}.`, `${budi.userId}.`))).toBeNull()
    expect((await world.put(url.replace(`/${leila.userId}.`, `/${budi.userId}.`), table)).status).toBe(404)
    expect((await world.put(`${new URL(url).origin}/uploads/x`, table)).status).toBe(404)
    await world.service.database.admin.query(
      "update uploads set expires_at = now() - interval '1 s' where upload_id = $1",
      [uploadId],
    )
    expect((await world.put(url, table)).status).toBe(409)
    const guest = await world.newPerson('Guest')
    const { url: theirs } = await world.requestUpload(guest)
    await world.service.database.admin.query('update sessions set revoked_at = now() where session_id = $1', [
      guest.sessionId,
    ])
    expect((await world.put(theirs, table)).status).toBe(401)
  })

  test('takes no more bytes than it says, and nothing empty; afterwards it is free again', async () => {
    const { url, uploadId } = await world.requestUpload(budi)
    const declared = await world.put(url, table, { 'content-length': String(51 * 1024 * 1024) })
    expect(declared.status).toBe(413)
    expect((await world.put(url, '')).status).toBe(400)
    expect((await world.put(url, Buffer.alloc(50 * 1024 * 1024 + 1))).status).toBe(413)
    expect(await objects()).not.toContain(`uploads/${budi.userId}/${uploadId}`)
    expect((await world.put(url, table, { 'content-type': 'application/json' })).status).toBe(201)
  })

  test('at most 20 of a person are kept', async () => {
    const person = await world.newPerson('Many')
    for (let count = 0; count < 20; count += 1) await world.requestUpload(person)
    await expect(world.requestUpload(person)).rejects.toThrow('TOO_MANY')
  })
})

test('an upload is whose asked for it: for others there is none, and none to import before it is complete', async () => {
  const { uploadId, url } = await world.requestUpload(leila)
  const input = { uploadId, format: 'CSV' }
  expect(refusalOf(await world.askImport(leila, input))).toMatchObject({
    code: 'CONFLICT',
    reason: 'UPLOAD_NOT_COMPLETE',
  })
  await world.put(url, table)
  expect(refusalOf(await world.askImport(budi, input))).toEqual({ code: 'NOT_FOUND', field: 'input.uploadId' })
  expect(refusalOf(await world.askImport({ ...leila, scopes: ['ENTRIES_WRITE'] }, input))).toMatchObject({
    code: 'FORBIDDEN',
  })
})

test('uploads of yesterday are removed', async () => {
  const person = await world.newPerson('Yesterday')
  await world.upload(person, table)
  const mine = async () => (await objects()).filter((key) => key.startsWith(`uploads/${person.userId}/`))
  await runTask(world.service, 'remove_old_uploads')
  expect(await mine()).toHaveLength(1)
  await runTask(world.service, 'remove_old_uploads', { now: new Date(Date.now() + 25 * 3_600_000) })
  expect(await mine()).toEqual([])
})

test.each([
  ['HabitBull.csv', 'HabitBull.csv'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\me\\Loop.zip', 'Loop.zip'],
  ['a\u001b[2Jb', 'a__2Jb'],
  ['..', /^upload-/],
  ['يوميات.csv', 'يوميات.csv'],
])('%j is called %s', (name, shown) => {
  if (typeof shown === 'string') expect(shownFileName(name)).toBe(shown)
  else expect(shownFileName(name)).toMatch(shown)
})

function keysOf(letter: string) {
  return { derived: () => [{ id: letter, key: Buffer.alloc(32, letter) }] } as never
}

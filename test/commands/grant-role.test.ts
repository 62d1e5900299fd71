import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { peopleOf, type Tokens } from '../domains/identity/people.ts'
import { addressOf, kitaab } from '../support/command.ts'
import { startService, type TestService } from '../support/service.ts'

let service: TestService
let people: ReturnType<typeof peopleOf>
beforeAll(async () => {
  service = await startService({ ownTokens: true })
  people = peopleOf(service)
})
afterAll(() => service.stop())

function grant(email: string, role: string) {
  const { connections } = service.database
  return kitaab(['grant-role', '--user', email, '--role', role], {
    DATABASE_URL: addressOf(connections, 'kitaab_app'),
    DATABASE_AUTH_URL: addressOf(connections, 'kitaab_auth'),
    DATABASE_ADMIN_URL: addressOf(connections, 'kitaab_admin'),
    KITAAB_HOME: service.home,
  })
}

test('the first administrator is made by whoever runs the service, and the audit log says so', async () => {
  const email = 'first@kitaab.example'
  await people.register({ email })
  const before: Tokens = (await people.logIn(email)).data.answer
  expect(await grant(email, 'admin')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('has the role admin now'),
  })
  const after: Tokens = (await people.refresh(before.refreshToken)).data.answer
  const { data } = await people.as(after, '{ users(filter: { role: ADMIN }) { nodes { id email } } me { role } }')
  expect(data).toMatchObject({ users: { nodes: [{ email }] }, me: { role: 'ADMIN' } })
  const events = await people.as(
    after,
    `query ($id: ID) { auditLog(filter: { userId: $id, action: "users.updated" }) { nodes { actor { id } newValues } } }`,
    { id: data.users.nodes[0].id },
  )
  expect(events.data.auditLog.nodes).toEqual([{ actor: null, newValues: { role: 'ADMIN' } }])
  expect(await grant(email, 'member')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no active administrator'),
  })
})

test('nobody is given a role who has not registered, nor a role that there is not', async () => {
  expect(await grant('nobody@kitaab.example', 'admin')).toMatchObject({
    code: 1,
    stderr: 'Nobody has the address nobody@kitaab.example: the person registers first.\n',
  })
  expect(await grant('first@kitaab.example', 'owner')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('member, analyst, support, admin'),
  })
})

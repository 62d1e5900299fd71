import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Sharer, type SharingWorld, sharingWorld } from '../../support/sharing.ts'
import { peopleOf } from '../identity/people.ts'

let world: SharingWorld
let mailsTo: ReturnType<typeof peopleOf>['mailsTo']
let leila: Sharer
let budi: Sharer
beforeAll(async () => {
  world = await sharingWorld()
  mailsTo = peopleOf(world.service).mailsTo
  leila = await world.newPerson('Leila')
  budi = await world.newPerson('Budi')
})
afterAll(() => world.stop())

const received = async () => (await world.listed(leila, 'RECEIVED', 'PENDING')).map(({ id }: { id: string }) => id)

test('whoever is asked gets one mail for each request, and who asked one when it is accepted', async () => {
  await world.request(budi, leila.username)
  await world.request(budi, leila.username)
  await world.request(budi, leila.email)
  const maryam = await world.newPerson('Maryam')
  await world.request(maryam, leila.username)
  const mails = await mailsTo(leila.email, 2)
  expect(mails).toHaveLength(2)
  expect(mails[0]).toContain('Subject: Somebody asks to see deeds of yours')
  // Whoever asks has chosen their name: it stands in no mail.
  expect(mails.join()).not.toMatch(/Budi|Maryam/)
  const [hers = '', his = ''] = await received()
  await world.respond(leila, his, 'ACCEPT')
  await world.respond(leila, his, 'ACCEPT')
  await world.respond(leila, hers, 'DECLINE')
  // A mail that comes after all that: nothing else has come before it.
  await world.request(leila, budi.username)
  await world.request(leila, maryam.username)
  const toBudi = await mailsTo(budi.email, 2)
  expect(toBudi.map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1]).sort()).toEqual([
    'A request of yours was accepted',
    'Somebody asks to see deeds of yours',
  ])
  expect(await mailsTo(maryam.email, 1)).toHaveLength(1)
})

test('SES-4 who has not confirmed their address gets no mail, but finds the request', async () => {
  const unconfirmed = await world.newPerson('Unconfirmed')
  await world.sql('update users set email_verified = false where user_id = $1', [unconfirmed.userId])
  const asker = await world.newPerson('Asker')
  await world.request(asker, unconfirmed.username)
  expect(await world.listed(unconfirmed, 'RECEIVED', 'PENDING')).toHaveLength(1)
  await world.sql('update users set email_verified = true where user_id = $1', [unconfirmed.userId])
  await world.request(await world.newPerson('Later'), unconfirmed.username)
  expect(await mailsTo(unconfirmed.email, 1)).toHaveLength(1)
})

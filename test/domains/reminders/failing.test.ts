import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { claimDelivery, fireDue } from '../../../src/domains/reminders/queries/deliveries.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type FiringWorld, newFiringWorld } from './firing-world.ts'

let service: TestService
let world: FiringWorld
beforeAll(async () => {
  service = await startService()
  world = newFiringWorld(service)
})
afterAll(async () => {
  await world.stop()
  await service.stop()
})
// What one test leaves must not be sent by the next.
afterEach(async () => {
  world.answering(() => ({ result: 'taken' }))
  world.sent.length = 0
  await service.database.admin.query('update notifications set is_active = false; delete from notification_deliveries')
})

/** Runs every hour, as many hours as are said. */
async function runFor(hours: number) {
  for (let n = 0; n < hours; n += 1) await world.later(60).run()
}

describe('what fails', () => {
  const from = '2026-05-01T12:00:00Z'

  test('REM-2 what was certainly not taken is tried again, later each time, and sent once', async () => {
    const { person } = await world.newReminder({ localTime: '20:00' }, { from })
    let failures = 3
    const tries: number[] = []
    world.at('2026-05-01T20:00:00Z').answering(() => {
      failures -= 1
      return failures < 0 ? { result: 'taken' } : { result: 'later', code: 'smtp_451' }
    })
    for (let minute = 0; minute < 60; minute += 1, world.later(1)) {
      const before = failures
      await world.run()
      if (failures !== before) tries.push(minute)
    }
    expect(tries).toEqual([0, 1, 6, 21])
    expect(world.sent).toHaveLength(1)
    expect(await world.deliveries(person.userId)).toMatchObject([{ status: 'sent', attempts: 4, error: null }])
  })

  test('REM-2 what is never taken has failed, with the reason, before it would be too late', async () => {
    const { person } = await world.newReminder({ localTime: '20:00' }, { from })
    world.at('2026-05-01T20:00:00Z').answering(() => ({ result: 'later', code: 'smtp_451' }))
    for (let minute = 0; minute < 180; minute += 1, world.later(1)) await world.run()
    expect(await world.deliveries(person.userId)).toMatchObject([{ status: 'failed', error: 'smtp_451' }])
  })

  test.each([
    ['refused', 'failed'],
    ['unknown', 'unknown'],
    ['pointless', 'skipped'],
  ] as const)('REM-2 what was %s is not tried again', async (result, status) => {
    const { person } = await world.newReminder({ localTime: '20:00' }, { from })
    let tries = 0
    world.at('2026-05-01T20:00:00Z').answering(() => {
      tries += 1
      return { result, code: 'why' }
    })
    await runFor(4)
    expect(tries).toBe(1)
    expect(await world.deliveries(person.userId)).toMatchObject([{ status, error: 'why', attempts: 1 }])
  })

  test('REM-2 what somebody began and did not finish within 10 minutes is unknown, and not sent again', async () => {
    const { person } = await world.newReminder({ localTime: '20:00' }, { from })
    world.at('2026-05-01T20:00:00Z')
    await fireDue(world.worker, new Date('2026-05-01T20:00:00Z'))
    // As if the process had ended here.
    expect(await claimDelivery(world.worker, new Date('2026-05-01T20:00:00Z'))).not.toBeNull()
    await world.later(10).run()
    expect(await world.deliveries(person.userId)).toMatchObject([{ status: 'sending' }])
    await world.later(1).run()
    await runFor(2)
    expect(world.sent).toEqual([])
    expect(await world.deliveries(person.userId)).toMatchObject([{ status: 'unknown', error: 'unfinished' }])
  })

  test('REM-2 a defect in making one message is unknown, and keeps nobody else from theirs', async () => {
    const [broken, fine] = [
      await world.newReminder({ localTime: '20:00' }, { from }),
      await world.newReminder({ localTime: '20:00' }, { from }),
    ]
    world.at('2026-05-01T20:00:00Z').answering(({ ownerId }) => {
      if (ownerId === broken.person.userId) throw new Error('a defect')
      return { result: 'taken' }
    })
    await world.run()
    expect(await world.deliveries(broken.person.userId)).toMatchObject([{ status: 'unknown', error: 'internal' }])
    expect(await world.deliveries(fine.person.userId)).toMatchObject([{ status: 'sent' }])
  })

  test('each sending stands in the audit log of whom it went to, with what came of it', async () => {
    const { person, ask, reminder } = await world.newReminder({ localTime: '20:00', title: 'Evening' }, { from })
    await world.at('2026-05-01T20:00:00Z').run()
    const { me } = await ask('{ me { auditLog(first: 1) { nodes { action objectId actor { id } newValues } } } }')
    expect(me.auditLog.nodes).toEqual([
      {
        action: 'notifications.sent',
        objectId: reminder.id,
        actor: null,
        newValues: { channel: 'EMAIL', date: '2026-05-01' },
      },
    ])
    expect(person.userId).toBeDefined()
  })
})

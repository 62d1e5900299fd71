import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startService, type TestService } from '../../support/service.ts'
import { type SmtpServer, startSmtpServer } from '../identity/services/smtp-server.ts'
import { type FiringWorld, newFiringWorld } from './firing-world.ts'

let service: TestService
let world: FiringWorld
const servers: SmtpServer[] = []
beforeAll(async () => {
  service = await startService()
  world = newFiringWorld(service)
})
afterAll(async () => {
  for (const server of servers) await server.stop()
  await world.stop()
  await service.stop()
})

const due = '2026-05-01T20:00:00Z'

/** A worker in a process of its own, which sends by this mail server. */
function startWorker({ url }: SmtpServer, now: string): { child: ChildProcess; ended: Promise<number | null> } {
  const { host = '', database = '' } = service.database.connections.forRole('kitaab_worker')
  const program = path.join(import.meta.dirname, 'worker-process.ts')
  const child = spawn(process.execPath, [program, host, database, url.href, now, service.home], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return { child, ended: new Promise((resolve) => child.once('close', (code) => resolve(code))) }
}

async function newServer(options: Parameters<typeof startSmtpServer>[0]) {
  const server = await startSmtpServer(options)
  servers.push(server)
  return server
}

test('REM-2 of two workers at once one is killed while its mails leave: nobody gets two, and who may have got one is known', async () => {
  const owners: string[] = []
  for (let n = 0; n < 24; n += 1) {
    const { person } = await world.newReminder({ localTime: '20:00' }, { from: '2026-05-01T12:00:00Z' })
    owners.push(person.userId)
  }
  const [heldArrived, sentArrived] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const silent = await newServer({ answers: false, onMail: heldArrived.resolve })
  const prompt = await newServer({ onMail: sentArrived.resolve })
  const doomed = startWorker(silent, due)
  await heldArrived.promise
  const other = startWorker(prompt, due)
  await sentArrived.promise
  doomed.child.kill('SIGKILL')
  expect(await other.ended).toBe(0)
  await doomed.ended
  expect(await startWorker(prompt, '2026-05-01T20:09:00Z').ended).toBe(0)
  expect(await startWorker(prompt, '2026-05-01T20:11:00Z').ended).toBe(0)
  const { rows } = await service.database.admin.query(
    'select email, notification_deliveries.status from notification_deliveries join users using (user_id) order by user_id',
  )
  expect(rows).toHaveLength(owners.length)
  const copies = (mails: readonly string[], email: string) =>
    mails.filter((mail) => mail.includes(`To: ${email}`)).length
  for (const { email, status } of rows) {
    expect(['sent', 'unknown']).toContain(status)
    expect(copies(prompt.mails, email)).toBe(status === 'sent' ? 1 : 0)
    expect(copies(silent.mails, email)).toBeLessThanOrEqual(status === 'sent' ? 0 : 1)
  }
  const unknown = rows.filter(({ status }) => status === 'unknown').length
  expect(unknown).toBeGreaterThan(0)
  expect(unknown).toBeLessThanOrEqual(4)
}, 60_000)

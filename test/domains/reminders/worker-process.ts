// A worker in a process of its own, for the tests that kill one: `worker-process.ts SOCKET DATABASE SMTP_URL NOW HOME`.
import { makeIdentityServices } from '../../../src/domains/identity/services.ts'
import { reminderJobs } from '../../../src/domains/reminders/jobs.ts'
import { makeReminderServices } from '../../../src/domains/reminders/services.ts'
import { socketConnection } from '../../../src/platform/database/embedded/server.ts'
import { makeLog } from '../../../src/platform/log.ts'
import { workerOn } from './firing-world.ts'

const [socket = '', database = '', smtpUrl = '', now = '', home = ''] = process.argv.slice(2)
const log = makeLog({ level: 'silent' })
const options = { home, jwtPrivateKey: null, smtpUrl: new URL(smtpUrl), mailFrom: 'Kitaab <kitaab@localhost>', log }
const identity = await makeIdentityServices(options)
const reminders = makeReminderServices(identity, { ...options, vapidPrivateKey: null, pushToPrivateAddresses: true })
const connections = { forRole: (role: string) => socketConnection(socket, role, database) }
const worker = workerOn({ database: { connections } as never })
await reminderJobs.fire_reminders(null, {
  worker,
  log,
  services: { identity, reminders, publicUrl: 'https://kitaab.example' },
  now: () => new Date(now),
})
await worker.destroy()
await identity.mailer.stop()

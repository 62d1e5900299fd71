import type { JobTools } from '../../job-tools.ts'
import { resealDevices } from './devices.ts'
import { fireDueReminders } from './firing.ts'
import { sendEmail } from './sending/email.ts'
import { sendPush } from './sending/push.ts'

/** What the jobs of reminders need of what all jobs get. */
export interface ReminderJobTools extends Pick<JobTools, 'worker' | 'now' | 'log'> {
  readonly services: Pick<JobTools['services'], 'reminders' | 'publicUrl'> & {
    readonly identity: Pick<JobTools['services']['identity'], 'mailer'>
  }
  readonly signal?: AbortSignal
}

export const reminderJobs = {
  /** REM-1, REM-2 Reminders that are due, and news of goals. What is left when the worker ends is for the next minute. */
  async fire_reminders(_: unknown, { worker, services, now, log, signal }: ReminderJobTools): Promise<void> {
    const { publicUrl, reminders, identity } = services
    const email = { mailer: identity.mailer, offLinks: reminders.offLinks, publicUrl }
    const fired = await fireDueReminders(worker, {
      now,
      log,
      ...(signal && { signal }),
      channels: {
        email: (facts) => sendEmail(facts, email),
        push: (facts) => sendPush(worker, facts, { services: reminders, publicUrl }),
      },
    })
    if (Object.values(fired).some((count) => count > 0)) log.info(fired, 'reminders and news of goals were dealt with')
  },
  /** Keys of devices that were sealed before the keys of the service were rotated. */
  async reseal_push_keys(_: unknown, { worker, services, log }: ReminderJobTools): Promise<void> {
    const resealed = await resealDevices(worker, services.reminders)
    if (resealed > 0) log.info({ resealed }, 'keys of devices were sealed anew')
  },
}

import type { JobTools } from '../../job-tools.ts'
import { resealResources } from './sealing.ts'

/** What the jobs of resources need of what all jobs get. */
interface ResourceJobTools extends Pick<JobTools, 'worker' | 'log'> {
  readonly services: { readonly reminders: Pick<JobTools['services']['reminders'], 'seals'> }
}

export const resourceJobs = {
  /** Sensitive resources that were sealed before the keys of the service were rotated. */
  async reseal_resources(_: unknown, { worker, services, log }: ResourceJobTools): Promise<void> {
    const resealed = await resealResources(worker, services.reminders.seals)
    if (resealed > 0) log.info({ resealed }, 'sensitive resources were sealed anew')
  },
}

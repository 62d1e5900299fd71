import type { WorkerTools } from './platform/jobs/tasks.ts'
import type { Services } from './services.ts'

/** What every task gets. */
export interface JobTools extends WorkerTools {
  readonly services: Services
}

import type { TestService } from './service.ts'

export interface RanJobs {
  /** The tasks that were done, in order. */
  readonly done: readonly string[]
  /** Those that threw: they wait for another try. */
  readonly failed: readonly string[]
}

/** Does what waits in the queue of a test's service, and what that asks for, until nothing is left. `now`: the clock of the tasks. */
export async function runJobs(service: TestService, { now }: { readonly now?: Date } = {}): Promise<RanJobs> {
  const worker = await service.app.worker()
  return worker.drain(now && { now: () => now })
}

/** Has one task done, as its schedule would, and what that asks for; it must succeed. */
export async function runTask(
  service: TestService,
  task: string,
  { now, payload = {} }: { readonly now?: Date; readonly payload?: Readonly<Record<string, string>> } = {},
): Promise<RanJobs> {
  await service.database.admin.query('select graphile_worker.add_job($1, $2)', [task, JSON.stringify(payload)])
  const ran = await runJobs(service, { ...(now && { now }) })
  if (ran.failed.length > 0) throw new Error(`failed: ${ran.failed.join(', ')}`)
  return ran
}

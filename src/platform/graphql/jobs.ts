import type { JobRow } from '../jobs/job-rows.ts'
import { type IdType, type idParts, toGlobalId } from './global-ids.ts'

/** Types whose id is that of a job: its owner, and its `jobId`. */
type JobType = { [T in IdType]: 'jobId' extends (typeof idParts)[T][number] ? T : never }[IdType]

/** What all kinds of jobs answer by; a kind adds its own fields. Its rows carry `__typename` wherever the interface is asked for. */
export function jobFields<T extends JobType>(type: T) {
  return {
    id: ({ ownerId, jobId }: JobRow) => toGlobalId(type, { ownerId, jobId } as never),
    progress: ({ progress }: JobRow) => (progress === null ? null : Number(progress)),
  }
}

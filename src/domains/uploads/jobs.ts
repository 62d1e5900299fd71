import type { JobTools } from '../../job-tools.ts'
import { oldUploads } from './queries.ts'
import { removeUpload } from './removing.ts'
import { uploadKeptMs } from './uploads.ts'

export const uploadJobs = {
  /** Uploads of yesterday, imported or not. */
  async remove_old_uploads(_: unknown, tools: JobTools): Promise<void> {
    for (;;) {
      const old = await oldUploads(tools.worker, new Date(tools.now().getTime() - uploadKeptMs))
      for (const key of old) {
        tools.signal.throwIfAborted()
        await removeUpload(key, tools)
      }
      if (old.length === 0) return
    }
  },
}

import type { JobTools } from '../../../job-tools.ts'
import { failLostWork, type WorkKey } from '../queries/long-work.ts'

const unfinished =
  'It could not be done within a day. Ask for it again, and tell whoever runs this service if that fails, too.'

/** What whoever asked is told, by the table of what they asked for. */
const sentences: Readonly<Record<WorkKey['table'], string>> = {
  calculations: unfinished,
  hillshades: unfinished,
  scan_moves: unfinished,
  scan_imports:
    'It could not be added within a day. Send the file again, and tell whoever runs this service if that fails, too.',
}

export const lostWorkJobs = {
  /** Long work that nobody does any more, for it failed again and again. Else it would count as under way for ever, and what it left would stay. */
  async end_lost_survey_work(_: unknown, { worker, services, now, log }: JobTools): Promise<void> {
    if (!(await services.surveys.areReady(worker))) return
    for (const [table, sentence] of Object.entries(sentences)) {
      const count = await failLostWork(worker, table as WorkKey['table'], now(), sentence)
      if (count > 0) log.warn({ table, count }, 'long work of surveys was given up')
    }
  },
}

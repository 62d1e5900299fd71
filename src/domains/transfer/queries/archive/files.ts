import { accountFiles } from './account-files.ts'
import { diaryFiles } from './diary-files.ts'
import type { ArchiveFile, Numbered } from './fields.ts'
import { goalFiles } from './goal-files.ts'
import { journalFiles } from './journal-files.ts'
import { reminderFiles } from './reminder-files.ts'
import { surveyFiles } from './survey-files.ts'

/** All files of an archive but the audit log, in which they stand. */
export const archiveFiles: readonly ArchiveFile[] = [
  ...accountFiles.slice(0, 1),
  ...diaryFiles,
  ...goalFiles,
  ...journalFiles,
  ...reminderFiles,
  ...accountFiles.slice(1),
]

/** Those that an archive has besides where the service has surveys. None of them is imported. */
export { surveyFiles }

export function fileNamed(name: string): ArchiveFile {
  const file = archiveFiles.find((candidate) => candidate.name === name)
  if (file === undefined) throw new Error(`No file of an archive is called ${name}.`)
  return file
}

/** The order in which the rows of a table are numbered. */
export function orderOf(table: Numbered): readonly string[] {
  const file = [...archiveFiles, ...surveyFiles].find((candidate) => candidate.table === table)
  if (file === undefined) throw new Error(`No file of an archive has the rows of ${table}.`)
  return file.order
}

/** Tables that are about a person and that no archive has, with the reason. */
export const notExported: Readonly<Record<string, string>> = {
  owner_state: 'a counter and a lock: nothing that somebody did or said',
  change_log: 'derived, for caches, and forgotten after 90 days: entry_history and the audit log tell more',
  relation_request_targets: 'whom a request reached, which nobody may know who sent it',
  message_threads: 'derived from messages, for the inbox of support',
  item_access: 'derived: what permissions come to',
  search_documents: 'derived, for search: from what is exported',
  search_sources: 'a view of what search_documents are made from',
  one_time_tokens: 'hashes of the links in mails; that they were asked for stands in the audit log',
  idempotency_keys: 'answers that are kept for 48 hours, in case a request is sent twice',
  setting_history:
    'settings of the service, which are nobody’s own; that an administrator changed one stands in the audit log',
  uploads: 'files that were sent to be imported, removed after a day: what was imported of them stands in jobs.jsonl',
  audit_trail: 'a view: the audit log, in audit_log.jsonl, and entry_history',
  merits: 'a view of goals',
  targets: 'a view of goals',
}

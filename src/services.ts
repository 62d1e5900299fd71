import fs from 'node:fs'
import path from 'node:path'
import type { Config } from './config.ts'
import { type IdentityServices, makeIdentityServices } from './domains/identity/services.ts'
import { makeReminderServices, type ReminderServices } from './domains/reminders/services.ts'
import { makeScanLinks, type ScanLinks } from './domains/surveys/scan-links.ts'
import { makeSurveyServices, type SurveyServices } from './domains/surveys/services.ts'
import { type ExportLinks, makeExportLinks } from './domains/transfer/archive/export-links.ts'
import { makeUploadTokens, type UploadTokens } from './domains/uploads/upload-tokens.ts'
import type { Log } from './platform/log.ts'
import type { ObjectStore } from './platform/objects/objects.ts'
import { openObjects } from './platform/objects/places.ts'

/** What the process has one of, handed to resolvers and to jobs. */
export interface Services {
  identity: IdentityServices
  /** What is too large for the database. */
  objects: ObjectStore
  /** What of that is read seldom. */
  coldObjects: ObjectStore
  reminders: ReminderServices
  surveys: SurveyServices
  /** The links by which exports are downloaded. */
  exportLinks: ExportLinks
  /** The links by which files of scans are downloaded. */
  scanLinks: ScanLinks
  /** Of Kitaab. */
  version: string
  /** For how many days after it was erased something may still be in a backup. */
  backupDays: number
  /** For the addresses to which files are sent. */
  uploadTokens: UploadTokens
  /** Where people reach this service, for links in mails; no slash at the end. */
  publicUrl: string
}

export async function makeServices(config: Config, log: Log): Promise<Services> {
  const identity = await makeIdentityServices({ ...config, contact: contactOf(config), log })
  const objects = openObjects(config.objects.hot)
  return {
    publicUrl: publicUrlOf(config),
    backupDays: config.backupDays,
    identity,
    reminders: makeReminderServices(identity, config),
    surveys: makeSurveyServices({ keyRing: identity.keyRing, objects }),
    exportLinks: makeExportLinks(identity.keyRing),
    scanLinks: makeScanLinks(identity.keyRing),
    version: packageVersion(),
    uploadTokens: makeUploadTokens(identity.keyRing),
    objects,
    coldObjects: openObjects(config.objects.cold),
  }
}

/** The mail address of whoever runs the service, for those whom it turns away; null where mails stay on this machine. */
export function contactOf({ smtpUrl, mailFrom }: Pick<Config, 'smtpUrl' | 'mailFrom'>): string | null {
  if (smtpUrl === null) return null
  return /<([^<>]+)>\s*$/.exec(mailFrom)?.[1] ?? mailFrom
}

export function packageVersion(): string {
  return JSON.parse(fs.readFileSync(path.resolve(import.meta.dirname, '../package.json'), 'utf8')).version
}

/** Where links in mails lead, without a slash at the end. A host that stands for every address is no place to go to. */
function publicUrlOf({ publicUrl, host, port }: Config): string {
  if (publicUrl) return publicUrl.href.replace(/\/$/, '')
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const name = host.includes(':') ? `[${host}]` : host
  return `http://${isEverywhere ? 'localhost' : name}:${port}`
}

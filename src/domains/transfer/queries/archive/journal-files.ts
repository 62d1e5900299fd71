import type { ArchiveFile, Enum } from './fields.ts'
import * as field from './fields.ts'

const reflectionType: Enum = ['reflection_type', ['HASANAAT', 'SAIYYIAAT', 'GENERAL']]
const author: Enum = ['message_author', ['USER', 'SUPPORT']]

const reflections: ArchiveFile = {
  name: 'reflections',
  table: 'reflection_messages',
  about: 'What you wrote about your days: at most one of each type and day.',
  isImported: true,
  order: ['reflection_date', 'type'],
  fields: [
    field.day('date', 'The day.', { column: 'reflection_date' }),
    field.label('type', reflectionType, 'What it is about.'),
    field.text('message', 20_000, 'What you wrote.'),
    field.instant('deletedAt', 'When it was deleted; null: it is there.', { optional: true }),
    ...field.edited,
  ],
  leftOut: { reflection_message_id: 'a number of this database: type and day name it' },
}

const messages: ArchiveFile = {
  name: 'messages',
  table: 'messages',
  about: 'Your letters to support, and the answers.',
  isImported: false,
  order: ['message_id'],
  fields: [
    field.label('author', author, 'Which side wrote it.', { imported: false, tells: ['author_id'] }),
    field.text('content', 8_000, 'The letter.', { imported: false }),
    field.instant('readAt', 'When the other side read it.', { imported: false, optional: true }),
    field.instant('createdAt', 'When it was sent.', { imported: false }),
  ],
  leftOut: { message_id: 'a number of this database: rows stand in their order' },
}

const settings: ArchiveFile = {
  name: 'settings',
  table: 'user_settings',
  about: 'Your own settings, by their keys.',
  isImported: true,
  order: ['key'],
  fields: [
    field.text('key', 100, 'Its key.'),
    field.value('value', 'What you set it to: any value of JSON but null.'),
    field.instant('deletedAt', 'When it was deleted; null: it is there.', { optional: true }),
    ...field.edited,
  ],
}

const resourceStatus: Enum = ['resource_status', ['DRAFT', 'ACTIVE', 'ARCHIVED']]

const resources: ArchiveFile = {
  name: 'resources',
  table: 'resources',
  about:
    'What you keep beside the diary. Description and metadata of sensitive ones, which the service keeps encrypted, stand here as you wrote them: keep this file where you would keep those.',
  isImported: true,
  order: ['resource_id'],
  fields: [
    field.text('type', 50, 'What kind of thing it is.'),
    field.text('name', 255, 'Its name.'),
    field.text('description', 10_000, 'Its description.', { optional: true }),
    field.object('metadata', 'What apps keep with it; null: it is encrypted by a key that the service has no more.', {
      optional: true,
    }),
    field.label('status', resourceStatus, 'Where it stands.'),
    field.flag('isSensitive', 'Whether the service keeps description and metadata encrypted.'),
    field.instant('deletedAt', 'When it was deleted; null: it is there.', { optional: true }),
    ...field.edited,
  ],
  besides: { resourceId: 't.resource_id', ciphertext: 't.ciphertext' },
  leftOut: {
    resource_id: 'a number of this database: rows stand in their order',
    ciphertext: 'what is encrypted: it stands here in the clear',
    key_id: 'the name of the key',
  },
}

export const journalFiles: readonly ArchiveFile[] = [reflections, messages, settings, resources]

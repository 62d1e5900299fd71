import { entriesTable } from '../queries/archive/entries-table.ts'
import type { ArchiveFile, Field, Kind } from '../queries/archive/fields.ts'
import { archiveFiles, surveyFiles } from '../queries/archive/files.ts'
import { formatName, formatVersion } from './format.ts'

const introduction = `# Your archive

All that you own in Kitaab, as it was at one instant: \`madeAt\` in \`manifest.json\`. Everything is UTF-8.

- \`*.jsonl\`: JSON Lines, one JSON object on each line. A field has the same name and meaning on every line.
- \`entries.csv\`: your entries with the names of things, for spreadsheets: RFC 4180, separated by commas, with a header.
- \`manifest.json\`: format (\`${formatName}\`, version ${formatVersion}), and of each file rows, bytes and SHA-256.

Rows name each other by numbers of this archive: \`"deed": 3\` is the row of \`deeds.jsonl\` whose \`number\` is 3, its third line. They mean
nothing outside it.

## Coming back

\`\`\`
kitaab import --format kitaab --user you@example.org ARCHIVE.zip
\`\`\`

brings the files marked *imported* into an empty account, all of them or none. What was deleted and can be restored comes as that. The
history of entries comes with the origin \`IMPORTED\`, and who changed what as text; all else is as if you had made it. Other files are for
you to read: relations, permissions, letters, sessions and the audit log involve other people or prove what happened here, and anybody can
edit a zip. Files that are not imported may be taken out; one that is must be as the manifest says.

## Values

- *day*: \`YYYY-MM-DD\`, on your calendar. *time*: \`HH:MM:SS\`. *instant*: \`YYYY-MM-DDTHH:MM:SS.ffffffZ\`, in UTC.
- *decimal*: text with a point, such as \`"2.5"\`, so that no digit is lost.
- *person*: \`OWNER\` is you; others are \`@username\` or their name, and \`SOMEBODY\` where you may no longer see who it was.
- A field marked with ? may be null: that there is none, or that it does not apply.
`

const auditLog = `### audit_log.jsonl

What happened to your account and your diary, but for entries, whose history is above: \`occurredAt\` (instant), \`action\`, \`actor\` (person?),
\`objectId\` (the id in the API?), \`oldValues\` and \`newValues\` (by the names of the API?), \`ipAddress\`? and \`requestId\`?, of what you did.
`

const surveys = `Where the service has surveys there are these files besides. Points are not in the archive: each scan's file is downloaded by itself.
`

/** What the README of an archive says; docs/export-format.md is the same text. */
export function readmeText(): string {
  return [
    introduction,
    '## Files',
    '',
    ...archiveFiles.map(aboutFile),
    surveys,
    ...surveyFiles.map(aboutFile),
    auditLog,
    aboutTable(),
  ].join('\n')
}

function aboutFile({ name, about, isImported, fields }: ArchiveFile): string {
  return [
    `### ${name}.jsonl${isImported ? ' (imported)' : ''}`,
    '',
    about,
    '',
    ...tableOf(
      ['field', 'value', 'meaning'],
      fields.map((field) => [field.name, wordFor(field), field.about]),
    ),
    '',
  ].join('\n')
}

function aboutTable(): string {
  const rows = Object.entries(entriesTable).map(([name, about]) => [name, about])
  return [
    '### entries.csv',
    '',
    'Days that are recorded, of items that are there.',
    '',
    ...tableOf(['column', 'meaning'], rows),
    '',
  ].join('\n')
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)]
}

function wordFor({ kind, optional }: Field): string {
  return wordOf(kind) + (optional ? '?' : '')
}

const plainWords = {
  number: 'number',
  lineage: 'number',
  integer: 'whole number',
  weekdays: 'list of whole numbers',
  flag: 'true or false',
  day: 'day',
  time: 'time',
  instant: 'instant',
  json: 'JSON',
  object: 'JSON object',
  value: 'JSON',
  actor: 'person',
  decimal: 'decimal',
  text: 'text',
} as const

function wordOf(kind: Kind): string {
  if (kind.is === 'reference')
    return `number in ${[...archiveFiles, ...surveyFiles].find(({ table }) => table === kind.to)?.name}.jsonl`
  if (kind.is === 'label') return kind.labels.map((label) => `\`${label}\``).join(', ')
  if (kind.is === 'labels') return `list of ${kind.labels.map((label) => `\`${label}\``).join(', ')}`
  return plainWords[kind.is]
}

import type { Context } from './context.ts'
import { resolvers as administration } from './domains/administration/resolvers.ts'
import { resolvers as analytics } from './domains/analytics/resolvers.ts'
import { resolvers as audit } from './domains/audit/resolvers.ts'
import { resolvers as dashboard } from './domains/dashboard/resolvers.ts'
import { deedNodes, resolvers as deeds } from './domains/deeds/resolvers.ts'
import { resolvers as entries, entryNodes } from './domains/entries/resolvers.ts'
import { resolvers as identity, identityNodes } from './domains/identity/resolvers.ts'
import { resolvers as journal, journalNodes } from './domains/journal/resolvers.ts'
import { resolvers as progress, progressNodes } from './domains/progress/resolvers.ts'
import { reminderNodes, resolvers as reminders } from './domains/reminders/resolvers.ts'
import { resourceNodes, resolvers as resources } from './domains/resources/resolvers.ts'
import { resolvers as search } from './domains/search/resolvers.ts'
import { resolvers as settings } from './domains/settings/resolvers.ts'
import { resolvers as sharing, sharingNodes } from './domains/sharing/resolvers.ts'
import { resolvers as statistics } from './domains/statistics/resolvers.ts'
import { resolvers as support, supportNodes } from './domains/support/resolvers.ts'
import { surveyNodes, resolvers as surveys } from './domains/surveys/resolvers.ts'
import { dataExportNodes, dataExportResolvers } from './domains/transfer/resolvers/data-exports.ts'
import { importNodes, importResolvers } from './domains/transfer/resolvers/imports.ts'
import type { Resolvers } from './generated/graphql.ts'
import { type NodeReaders, nodeResolvers } from './platform/graphql/node.ts'

const nodeReaders: NodeReaders<Context> = {
  ...identityNodes,
  ...supportNodes,
  ...sharingNodes,
  ...deedNodes,
  ...entryNodes,
  ...journalNodes,
  ...resourceNodes,
  ...surveyNodes,
  ...progressNodes,
  ...reminderNodes,
  ...dataExportNodes,
  ...importNodes,
}

/** What the schema is executed by: each domain's resolvers, from the lowest domain up, and `node` over all of them. */
export const domainResolvers: (Resolvers | ReturnType<typeof nodeResolvers<Context>>)[] = [
  identity,
  audit,
  administration,
  settings,
  support,
  sharing,
  deeds,
  entries,
  journal,
  resources,
  surveys,
  progress,
  statistics,
  dashboard,
  analytics,
  reminders,
  search,
  dataExportResolvers,
  importResolvers,
  nodeResolvers<Context>(nodeReaders),
]

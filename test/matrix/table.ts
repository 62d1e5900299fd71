// Who else than the owner is told a field of what the owner has. What is not listed here is denied.

const friends = 'reader writer'
const related = `${friends} expired revoked`
const members = `${related} blocked stranger`
const signedIn = `${members} support admin analyst`
const everybody = `${signedIn} anonymous`

/** By type, then by who: the fields; `*` for all there are and will be. */
export const others: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ServerInfo: { [everybody]: '*' },
  ServerLimits: { [everybody]: '*' },

  User: { [related]: 'id username fullName today relation entries dashboard', [friends]: 'deeds' },
  Deed: {
    [friends]:
      'id owner category name measure unit displayOrder isHidden version createdAt updatedAt itemCount items itemTree scale scales statistics streak merits',
  },
  DeedItem: {
    [friends]:
      'id deed parentId parent children hasChildren path level name description displayOrder isHidden isPrivate version entry latestEntry entries statistics streak viewerMay',
  },
  Scale: { [friends]: 'id versionNumber effectiveFrom effectiveTo isLocked values' },
  ScaleValue: { [friends]: 'id name order score normalizedScore color lineageKey' },

  Entry: {
    [friends]: 'id owner item date count scaleValue recordedBy origin version createdAt updatedAt history',
    writer: 'notes',
  },
  EntryConnection: { [friends]: 'edges nodes pageInfo totalCount' },
  EntryEdge: { [friends]: 'cursor node' },
  EntryValue: { [friends]: 'count scaleValue', writer: 'notes' },
  EntryChange: { [friends]: 'id action oldValue newValue changedAt changedBy origin' },
  EntryChangeConnection: { [friends]: 'edges nodes pageInfo totalCount' },
  EntryChangeEdge: { [friends]: 'cursor node' },

  Statistics: {
    [friends]:
      'from to entryCount recordedDays missingDays countTotal averagePerRecordedDay averagePerDay averageScore minimum maximum distribution',
  },
  ValueShare: { [friends]: 'scaleValue entryCount share' },
  Streak: { [friends]: 'asOf current longest' },
  StreakRun: { [friends]: 'length from to' },
  Dashboard: { [related]: 'from to asOf isPartial previous', [friends]: 'totals deeds items series' },
  CategoryTotals: { [friends]: 'category entryCount recordedDays averageScore' },
  DeedStatistics: {
    [friends]: 'deed entryCount recordedDays countTotal averagePerRecordedDay averagePerDay averageScore',
  },
  ItemStatistics: {
    [friends]: 'item entryCount recordedDays countTotal averagePerRecordedDay averagePerDay averageScore',
  },
  Series: { [friends]: 'category deed item points' },
  SeriesPoint: { [friends]: 'date entryCount countTotal averageScore' },

  // Of the relation with the reader, who sees nothing of what is over.
  Relation: {
    reader: 'id direction requester requestee sentTo status createdAt respondedAt permissions pastPermissions',
  },
  PermissionConnection: { reader: 'pageInfo' },
  Permission: {
    reader:
      'id relation item type includesDescendants sharesNotes backfillDays expiresAt versionNumber isEffective grantedAt',
  },

  SearchConnection: { [signedIn]: 'pageInfo', [friends]: 'edges nodes totalCount' },
  SearchEdge: { [friends]: 'cursor node' },
  SearchResult: { [friends]: 'kind node owner rank fragments' },
  SearchFragment: { [friends]: 'text isMatch' },

  // One that everybody is told, of which Leila has a value of her own, and no administrator.
  Setting: {
    [signedIn]: 'key value isOwn defaultValue description jsonSchema isPublic version',
    admin: 'history',
  },
  SettingConnection: { [signedIn]: '*' },
  SettingEdge: { [signedIn]: '*' },
  SettingChange: { admin: '*' },
  SettingChangeConnection: { admin: '*' },
  SettingChangeEdge: { admin: '*' },

  Message: { support: 'id author content createdAt readAt' },
  Thread: { support: '*' },
  ThreadConnection: { support: '*' },
  ThreadEdge: { support: '*' },

  Analytics: { analyst: '*' },
  AnalyticsTotals: { analyst: '*' },

  AdminUser: { admin: '*' },
  AdminUserConnection: { admin: '*' },
  AdminUserEdge: { admin: '*' },
  AdminAuditEvent: { admin: '*' },
  AdminAuditConnection: { admin: '*' },
  AdminAuditEdge: { admin: '*' },
}

/** Types, and fields of others, that have nothing to tell the owner. */
export const notForOwner: readonly string[] = [
  'User.relation',
  // Only the list of those that were deleted has it.
  'Resource.deletedAt',
  'Project.deletedAt',
  'Scan.deletedAt',
  // Its points were not read, for it has none.
  'Scan.lastReadAt',
  'Relation.sentTo',
  'Setting.history',
  'SettingChange',
  'SettingChangeConnection',
  'SettingChangeEdge',
  'Thread',
  'ThreadConnection',
  'ThreadEdge',
  'Analytics',
  'AnalyticsTotals',
  'AdminUser',
  'AdminUserConnection',
  'AdminUserEdge',
  'AdminAuditEvent',
  'AdminAuditConnection',
  'AdminAuditEdge',
]

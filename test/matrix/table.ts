// Who else than the owner is told a field of what the owner has, and who carries out which mutation. What is not listed here is denied.
import type { Role } from './world.ts'
import { roles } from './world.ts'

const friends = 'reader writer'
const related = `${friends} expired revoked`
const members = `${related} blocked stranger`
const signedIn = `${members} support admin analyst`
const everybody = `${signedIn} anonymous`

/** By type, then by who: the fields; `*` for all there are and will be. */
export const others: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Query: {
    [related]: 'node nodes user',
    // Of projects a friend is shown those that are shared.
    [friends]: 'project',
    [signedIn]: 'me search setting settings searchScans',
    support: 'inbox',
    analyst: 'analytics',
    admin: 'users auditLog',
    [everybody]: 'serverInfo',
  },

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

  Project: {
    [friends]: 'id name description metadata owner viewerMay version createdAt updatedAt scans calculations bounds',
  },
  BoundingBox: { [friends]: '*' },
  Scan: {
    [friends]:
      'id project name capturedAt data geometry footprint storageTier file version createdAt updatedAt lastReadAt move hillshade',
  },
  ScanMove: { [friends]: '*' },
  ScanConnection: { [friends]: '*' },
  ScanEdge: { [friends]: 'cursor node' },
  Calculation: { [friends]: '*' },
  CalculationConnection: { [friends]: '*' },
  CalculationEdge: { [friends]: 'cursor node' },
  AreaResult: { [friends]: '*' },
  DensityResult: { [friends]: '*' },
  HeightsResult: { [friends]: '*' },
  HeightPercentile: { [friends]: '*' },
  VolumeResult: { [friends]: '*' },
  DifferenceResult: { [friends]: '*' },
  Hillshade: { [friends]: '*' },
  ScanFile: { [friends]: '*' },
  Position3: { [friends]: '*' },
  ScanImport: { [friends]: '*' },
  ProjectPermission: { reader: 'id project relation viewer type expiresAt isEffective grantedAt' },

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
  'Query.inbox',
  'Query.analytics',
  'Query.users',
  'Query.auditLog',
  'User.relation',
  // Only the list of those that were deleted has it.
  'Resource.deletedAt',
  'Project.deletedAt',
  'Scan.deletedAt',
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

/** The roles that are told a field of what is Leila's. */
export function toldOf(type: string, field: string): Role[] {
  const told = new Set<Role>(notForOwner.some((name) => name === type || name === `${type}.${field}`) ? [] : ['owner'])
  for (const [group, names] of Object.entries(others[type] ?? {})) {
    if (names === '*' || names.split(' ').includes(field)) for (const role of group.split(' ')) told.add(role as Role)
  }
  return roles.filter((role) => told.has(role))
}

const everyMember = (fields: string) => ({ [`owner ${signedIn}`]: fields })
const anybody = (fields: string) => ({ [`owner ${everybody}`]: fields })
const owners = (fields: string) => ({ owner: fields })
const tokens = 'accessToken accessTokenExpiresAt refreshToken'
const row = 'rows rows.status'
/** What is told of rows that were all refused: of an item that one sees, and of one that is not there. */
const mayNotRecord = `${row} rows.error rows.error.code rows.error.message`
const noSuchItem = `${mayNotRecord} rows.error.field`
export const refusedRows = [mayNotRecord, noSuchItem]
const rows = `${row} rows.entry rows.previous rows.error rows.error.code rows.error.reason rows.error.message rows.error.field rows.error.currentVersion rows.error.suggestedScaleValueId`

/**
 * By mutation, as attempts.ts sends it, then by who: the fields of the payload that they are told; those of a payload within it
 * after a dot.
 */
export const carriedOut: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  register: anybody('emailSent'),
  resendVerification: anybody('emailSent'),
  verifyEmail: anybody('emailVerified'),
  logIn: anybody(tokens),
  refreshSession: anybody(tokens),
  logOut: everyMember('loggedOut'),
  revokeSession: owners('account'),
  requestPasswordReset: anybody('emailSent'),
  resetPassword: anybody('passwordChanged'),
  changePassword: everyMember(tokens),
  changeEmail: everyMember('emailSent'),
  closeAccount: everyMember('account backupDays kept'),
  exportMyData: everyMember('dataExport'),
  cancelClosure: everyMember('account'),
  updateAccount: everyMember('account'),
  createDeed: everyMember('deed'),
  updateDeed: owners('deed'),
  createDeedItems: owners('deed items'),
  updateDeedItem: owners('item'),
  moveDeedItem: owners('item'),
  publishScale: owners('scale deed'),
  updateScaleValue: owners('scaleValue scale'),
  deleteDeed: owners('deletion'),
  deleteDeedItem: owners('deletion deed'),
  restore: owners('restored'),
  recordEntry: { owner: 'status entry previous goals', writer: 'status entry previous' },
  requestUpload: everyMember('uploadId url expiresAt maxBytes'),
  importEntries: owners('import'),
  recordEntries: {
    owner: `${rows} goals`,
    writer: rows,
    reader: mayNotRecord,
    'expired revoked blocked stranger support admin analyst': noSuchItem,
  },
  revertEntry: { owner: 'item date entry previous goals', writer: 'item date entry previous' },
  clearEntry: { owner: 'item date previous goals', writer: 'item date previous' },
  createMerit: owners('merit'),
  updateMerit: owners('merit'),
  deleteMerit: owners('deletion'),
  createTarget: owners('target'),
  updateTarget: owners('target'),
  deleteTarget: owners('deletion'),
  setReminder: owners('reminder'),
  deleteReminder: owners('account'),
  setGoalNotices: everyMember('account'),
  subscribePush: everyMember('account'),
  unsubscribePush: everyMember('account'),
  writeReflection: everyMember('status reflection'),
  deleteReflection: owners('date type message'),
  sendMessage: everyMember('message'),
  markMessagesRead: owners('account'),
  replyToThread: { support: 'message thread' },
  markThreadRead: { support: 'thread' },
  setRole: { admin: 'user' },
  suspendUser: { admin: 'user' },
  reinstateUser: { admin: 'user' },
  unlockLogin: { admin: 'user' },
  requestScanUpload: everyMember('uploadId url expiresAt maxBytes'),
  createProject: everyMember('project'),
  updateProject: owners('project'),
  deleteProject: owners('project'),
  restoreProject: owners('project'),
  addScan: { 'owner writer': 'scan' },
  updateScan: { 'owner writer': 'scan' },
  requestCalculation: { 'owner reader writer': 'calculation' },
  requestHillshade: { 'owner reader writer': 'hillshade' },
  shareProject: owners('permission'),
  unshareProject: owners('permission'),
  deleteScan: owners('scan'),
  restoreDeletedScan: owners('scan'),
  archiveScan: { 'owner writer': 'scan move' },
  restoreScan: { 'owner writer': 'scan move' },
  createResource: everyMember('resource'),
  updateResource: owners('resource'),
  deleteResource: owners('resource'),
  restoreResource: owners('resource'),
  setSetting: { admin: 'setting' },
  setUserSetting: everyMember('userSetting setting'),
  deleteUserSetting: owners('key setting'),
  requestRelation: { [`${friends} expired revoked blocked stranger support admin analyst`]: 'sentTo relation' },
  respondToRelation: owners('relation'),
  removeRelation: { 'owner reader': 'relationId' },
  unblock: owners('relationId'),
  grantPermissions: owners('relation permissions'),
  revokePermissions: owners('permissions'),
}

import type { KeptFields } from './platform/graphql/kept/kept-fields.ts'

/**
 * What may be part of an answer that is kept while the owner's `change_seq`, civil day and next expiry stay the same. So nothing that
 * is another person's, that other people or the service change without raising the owner's number, or that goes by the clock
 * otherwise; and no permissions, ever. What is on no list is not kept.
 */
export const keptFields: KeptFields = {
  types: {
    Account: {
      kept: 'id user timeZone dayStartMinutes weekStart locale metadata version merits targets settings',
      left:
        'email emailVerified role todayEndsAt closesAt usage dataExports imports sessions reminders goalNotices pushKey pushDevices deletions ' +
        'relations reflections messages unreadMessages auditLog resources projects',
    },
    User: { kept: 'id username fullName today deeds entries dashboard', left: 'relation' },
    Deed: {
      kept:
        'id owner category name description measure unit displayOrder isHidden version createdAt updatedAt itemCount items itemTree ' +
        'scale scales statistics streak merits',
    },
    DeedItem: {
      kept:
        'id deed parentId parent children hasChildren path level name description displayOrder isHidden isPrivate version entry ' +
        'latestEntry entries statistics streak',
      left: 'viewerMay access',
    },
    Scale: { kept: 'id versionNumber effectiveFrom effectiveTo isLocked values' },
    ScaleValue: { kept: 'id name order score normalizedScore color lineageKey' },
    // Who recorded it may be the viewer, who is another person.
    Entry: {
      kept: 'id owner item date count scaleValue notes origin version createdAt updatedAt',
      left: 'recordedBy history',
    },
    Merit: {
      kept: 'id deed title description match startDate endDate isActive version completedAt completedOn isSealed items progress',
    },
    Target: {
      kept: 'id title description match startDate endDate isActive version completedAt completedOn isSealed items progress',
    },
    GoalItem: { kept: 'id item includesDescendants metric comparator scaleValue scaleMatch target' },
    Progress: { kept: 'ratio state asOf daysLeft items' },
    ItemProgress: { kept: 'goalItem value remaining ratio state contributions' },
    // `asOf` says when the answer was computed, which is what it is for.
    Dashboard: { kept: 'from to asOf isPartial totals deeds items series previous' },
    Series: { kept: 'category deed item points' },
    Statistics: {
      kept: 'from to entryCount recordedDays missingDays countTotal averagePerRecordedDay averagePerDay averageScore minimum maximum distribution',
    },
    ValueShare: { kept: 'scaleValue entryCount share' },
    Streak: { kept: 'asOf current longest' },
    StreakRun: { kept: 'length from to' },
    CategoryTotals: { kept: 'category entryCount recordedDays averageScore' },
    DeedStatistics: {
      kept: 'deed entryCount recordedDays countTotal averagePerRecordedDay averagePerDay averageScore',
    },
    ItemStatistics: {
      kept: 'item entryCount recordedDays countTotal averagePerRecordedDay averagePerDay averageScore',
    },
    SeriesPoint: { kept: 'date entryCount countTotal averageScore' },
    UserSetting: '*',
    EntryConnection: '*',
    EntryEdge: '*',
    MeritConnection: '*',
    MeritEdge: '*',
    TargetConnection: '*',
    TargetEdge: '*',
    PageInfo: '*',
  },
  leftTypes: [
    'ServerInfo ServerLimits Usage UsageCount Session DataExport AuditEvent AuditConnection AuditEdge Deletion',
    'DeletionConnection DeletionEdge EntryValue EntryChange EntryChangeConnection EntryChangeEdge RowError EntryImport EntryImportConnection EntryImportEdge',
    'ImportReport ImportTotals ImportedHabit ImportedDays SkippedDays ImportProblem Reminder Relation Permission',
    'PermissionConnection PermissionEdge Access RelationConnection RelationEdge SearchConnection SearchEdge SearchResult',
    'SearchFragment Reflection ReflectionConnection ReflectionEdge Message MessageConnection MessageEdge Thread',
    'ThreadConnection ThreadEdge AdminUser AdminUserConnection AdminUserEdge AdminAuditEvent AdminAuditConnection',
    'AdminAuditEdge',
    'Project ProjectPermission ProjectConnection ProjectEdge Scan ScanConnection ScanEdge ScanMove BoundingBox ' +
      'ScanFile ScanImport Position3',
    'Calculation CalculationConnection CalculationEdge AreaResult DensityResult HeightsResult HeightPercentile VolumeResult DifferenceResult Hillshade',
    'Analytics AnalyticsTotals Resource ResourceConnection ResourceEdge Setting SettingConnection SettingEdge SettingChange SettingChangeConnection SettingChangeEdge',
  ].join(' '),
  worthKeeping: 'Dashboard Statistics Streak Progress',
  seldomChanged: 'Account User Deed DeedItem Scale ScaleValue UserSetting',
}

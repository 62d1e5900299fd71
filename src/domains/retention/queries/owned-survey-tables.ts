import { type OwnedTable, owned } from './owned-tables.ts'

/** What goes at once, with what else is shared: it hangs from relations. */
export const sharedSurveyTables: readonly OwnedTable[] = [
  owned('project_permissions', 'project_permission_id'),
  { table: 'project_permissions', owner: 'requester_id', key: ['user_id', 'project_permission_id'] },
]

/** As `ownedTables`, for a database that has surveys: these go before all of those. */
export const ownedSurveyTables: readonly OwnedTable[] = [
  ...sharedSurveyTables,
  owned('calculation_scans', 'calculation_id', 'position'),
  owned('calculations', 'calculation_id'),
  owned('hillshades', 'hillshade_id'),
  owned('scan_moves', 'scan_move_id'),
  owned('scan_imports', 'scan_import_id'),
  owned('lidar_scans', 'scan_id'),
  owned('projects', 'project_id'),
]

/** As `namedOnly`: who did something in another's project. */
export const namedOnlyInSurveys: readonly string[] = [
  'lidar_scans.added_by_user_id',
  'scan_imports.asked_by_user_id',
  'scan_moves.asked_by_user_id',
  'calculations.asked_by_user_id',
  'hillshades.asked_by_user_id',
]

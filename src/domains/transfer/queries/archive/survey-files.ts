import type { ArchiveFile, Enum } from './fields.ts'
import * as field from './fields.ts'

const storageTier: Enum = ['storage_tier', ['HOT', 'COLD']]
const pointCloudFormat: Enum = ['point_cloud_format', ['LAS', 'LAZ', 'XYZ']]
const calculationKind: Enum = ['calculation_kind', ['AREA', 'DENSITY', 'HEIGHTS', 'VOLUME', 'DIFFERENCE']]
const permissionType: Enum = ['permission_type', ['READ', 'WRITE']]
const jobStatus: Enum = ['job_status', ['WAITING', 'RUNNING', 'SUCCEEDED', 'FAILED']]
const scanMoveKind: Enum = ['scan_move_kind', ['ARCHIVE', 'RESTORE']]

const geoJson = (column: string) => `st_asgeojson(t.${column}, 9, 0)::jsonb`
/** A number that may be larger than JSON's readers hold exactly. */
const wide = (column: string) => ({ value: `t.${column}::text`, optional: true, column })

const projects: ArchiveFile = {
  name: 'projects',
  table: 'projects',
  about: 'Your projects of surveys.',
  isImported: false,
  order: ['project_id'],
  fields: [
    field.number('project_id'),
    field.text('name', 255, 'Its name.'),
    field.text('description', 10_000, 'Its description.', { optional: true }),
    field.object('metadata', 'What apps keep with it.'),
    field.instant('deletedAt', 'When it was deleted; null: it is there.', { optional: true }),
    ...field.edited,
  ],
}

const projectPermissions: ArchiveFile = {
  name: 'project_permissions',
  table: 'project_permissions',
  about: 'Whom you let see your projects.',
  isImported: false,
  order: ['project_permission_id'],
  fields: [
    field.reference('project', 'projects', 'What is shared.', { column: 'project_id' }),
    field.actor('with', 'With whom.', { column: 'requester_id' }),
    field.label('type', permissionType, 'What it allows.', { column: 'permission_type' }),
    field.instant('expiresAt', 'When it ends by itself.', { optional: true }),
    field.instant('grantedAt', 'When it was granted.'),
    field.instant('revokedAt', 'When it was revoked, or replaced.', { optional: true }),
  ],
  leftOut: {
    project_permission_id: 'a number of this database: rows stand in their order',
    relation_id: 'a number of this database: the person names it',
  },
}

const scans: ArchiveFile = {
  name: 'scans',
  table: 'lidar_scans',
  about:
    'Scans of your projects, whoever added them: what is known of each, where it lies, and what of its file was read.',
  isImported: false,
  order: ['scan_id'],
  fields: [
    field.number('scan_id'),
    field.reference('project', 'projects', 'Its project.', { column: 'project_id' }),
    field.text('name', 255, 'Its name.'),
    field.instant('capturedAt', 'When it was taken.', { optional: true }),
    field.object('data', 'What is kept with it.', { column: 'scan_data' }),
    field.json('geometry', 'As it was given: GeoJSON, WGS 84.', {
      column: 'lidar_geom',
      value: geoJson('lidar_geom'),
      optional: true,
    }),
    field.json('footprint', 'What it covers: GeoJSON, WGS 84.', {
      column: 'footprint',
      value: geoJson('footprint'),
      optional: true,
    }),
    field.label('storageTier', storageTier, 'Where its points are.'),
    field.text('fileName', 200, 'The file that it came as.', { optional: true }),
    field.label('format', pointCloudFormat, 'What kind of file.', { column: 'file_format', optional: true }),
    field.text('formatVersion', 20, 'Of the format.', { optional: true }),
    field.text('bytes', 20, 'The size of the file.', wide('bytes')),
    field.text('pointCount', 20, 'How many points it has.', wide('point_count')),
    field.text('sha256', 64, 'Of the file, in lower-case hexadecimal.', { optional: true }),
    field.text('crs', 20_000, 'The coordinate system of the file: EPSG:26910, or WKT.', { optional: true }),
    field.json('bounds', 'Minimum x, y, z, maximum x, y, z in the units of the file.', {
      column: 'native_bounds',
      value: 'to_jsonb(t.native_bounds)',
      optional: true,
    }),
    field.json('metresPerUnit', 'Of x and y; null: they are degrees.', {
      value: 'to_jsonb(t.metres_per_unit)',
      optional: true,
    }),
    field.json('metresPerHeightUnit', 'Of z.', { value: 'to_jsonb(t.metres_per_height_unit)', optional: true }),
    field.instant('lastReadAt', 'When its points were last read.', { optional: true }),
    field.actor('addedBy', 'Who added it.', { column: 'added_by_user_id' }),
    field.instant('deletedAt', 'When it was deleted; null: it is there.', { optional: true }),
    ...field.edited,
  ],
  leftOut: { object_key: 'where the service keeps the points' },
}

/** What all long work tells. */
const work = [
  field.actor('askedBy', 'Who asked for it.', { column: 'asked_by_user_id', optional: true }),
  field.label('status', jobStatus, 'How far it is.'),
  field.text('error', 2_000, 'Why it failed.', { optional: true }),
  field.instant('createdAt', 'When it was asked for.'),
  field.instant('startedAt', 'When it was begun.', { optional: true }),
  field.instant('finishedAt', 'When it ended.', { optional: true }),
]

const scanImports: ArchiveFile = {
  name: 'scan_imports',
  table: 'scan_imports',
  about: 'Files that were sent to become scans.',
  isImported: false,
  order: ['scan_import_id'],
  fields: [
    field.reference('project', 'projects', 'For which project.', { column: 'project_id' }),
    field.reference('scan', 'lidar_scans', 'What it became.', { column: 'scan_id', optional: true }),
    field.flag('isKnown', 'Whether there was a scan of the same file already.', { optional: true }),
    field.text('name', 255, 'What it was to be called.'),
    field.instant('capturedAt', 'When it was taken, as was said.', { optional: true }),
    field.object('data', 'What was to be kept with it.', { column: 'scan_data' }),
    field.label('format', pointCloudFormat, 'What kind of file, as was said.', { optional: true }),
    field.text('crs', 20_000, 'Its coordinate system, as was said.', { optional: true }),
    ...work,
  ],
  leftOut: {
    scan_import_id: 'a number of this database: rows stand in their order',
    upload_id: 'where the file was, which is gone',
    progress: 'of no use when it has ended',
  },
}

const scanMoves: ArchiveFile = {
  name: 'scan_moves',
  table: 'scan_moves',
  about: 'How points went into the archive of the service, and came back.',
  isImported: false,
  order: ['scan_move_id'],
  fields: [
    field.reference('scan', 'lidar_scans', 'Whose points.', { column: 'scan_id' }),
    field.label('kind', scanMoveKind, 'Which way.'),
    field.text('bytes', 20, 'How many.', { value: 't.bytes::text' }),
    ...work,
  ],
  leftOut: {
    scan_move_id: 'a number of this database: rows stand in their order',
    project_id: 'the project of the scan',
    source_key: 'where the service kept the points',
    estimated_seconds: 'what was expected before it was done',
    progress: 'of no use when it has ended',
  },
}

const calculations: ArchiveFile = {
  name: 'calculations',
  table: 'calculations',
  about: 'What was worked out of your scans.',
  isImported: false,
  order: ['calculation_id'],
  fields: [
    field.number('calculation_id'),
    field.reference('project', 'projects', 'In which project.', { column: 'project_id' }),
    field.label('kind', calculationKind, 'What.'),
    field.object('parameters', 'How.'),
    field.integer('algorithmVersion', [1, 2_000_000_000], 'Of what worked it out.'),
    field.object('result', 'What came of it.', { optional: true }),
    field.flag('isRepeated', 'Whether the result is that of an earlier equal one.'),
    ...work,
  ],
  leftOut: { inputs_hash: 'by which equal ones are found', progress: 'of no use when it has ended' },
}

const calculationScans: ArchiveFile = {
  name: 'calculation_scans',
  table: 'calculation_scans',
  about: 'The scans that a calculation took, in its order.',
  isImported: false,
  order: ['calculation_id', 'position'],
  fields: [
    field.reference('calculation', 'calculations', 'Which calculation.', { column: 'calculation_id' }),
    field.integer('position', [1, 100], 'In which place.'),
    field.reference('scan', 'lidar_scans', 'Which scan.', { column: 'scan_id' }),
  ],
  leftOut: { project_id: 'the project of both' },
}

const hillshades: ArchiveFile = {
  name: 'hillshades',
  table: 'hillshades',
  about: 'Pictures of your scans’ surfaces, which are drawn anew when they are asked for.',
  isImported: false,
  order: ['hillshade_id'],
  fields: [
    field.reference('scan', 'lidar_scans', 'Of which scan.', { column: 'scan_id' }),
    field.text('cellSize', 30, 'Metres that a cell of it is wide.', { value: 't.cell_size::text', optional: true }),
    ...work,
  ],
  leftOut: {
    hillshade_id: 'a number of this database: rows stand in their order',
    project_id: 'the project of the scan',
    bounds: 'where the scan lies on a map',
    progress: 'of no use when it has ended',
  },
}

/** Of a database that has PostGIS. */
export const surveyFiles: readonly ArchiveFile[] = [
  projects,
  projectPermissions,
  scans,
  scanImports,
  scanMoves,
  calculations,
  calculationScans,
  hillshades,
]

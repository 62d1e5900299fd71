import type { Transaction } from '../../platform/database/listeners.ts'
import type { UserId } from '../../platform/database/types.ts'
import { notFound } from '../../platform/graphql/errors.ts'
import { checkVersion } from '../resources/rules.ts'
import {
  holdProject,
  insertProject,
  markProjectDeleted,
  ownProject,
  type ProjectKey,
  type ProjectRow,
  updateProjectRow,
} from './queries/projects.ts'
import type { ProjectDraft } from './rules.ts'

export async function createProject(tx: Transaction, ownerId: UserId, draft: ProjectDraft): Promise<ProjectRow> {
  const projectId = await insertProject(tx, ownerId, draft)
  return ownProject(tx, { ownerId, projectId })
}

/** Changes what is given. NOT_FOUND; CONFLICT, STALE_VERSION. */
export async function updateProject(
  tx: Transaction,
  key: ProjectKey,
  { changes, expectedVersion }: { changes: Partial<ProjectDraft>; expectedVersion: number | null },
): Promise<ProjectRow> {
  const { name, description, metadata, version } = await heldProject(tx, key)
  checkVersion(expectedVersion, version)
  await updateProjectRow(tx, key, { name, description, metadata, ...changes })
  return ownProject(tx, key)
}

export async function deleteProject(
  tx: Transaction,
  key: ProjectKey,
  expectedVersion: number | null,
): Promise<ProjectRow> {
  const { version } = await heldProject(tx, key)
  checkVersion(expectedVersion, version)
  await markProjectDeleted(tx, key, true)
  return ownProject(tx, key)
}

export async function restoreProject(tx: Transaction, key: ProjectKey): Promise<ProjectRow> {
  await heldProject(tx, key, { isDeleted: true })
  await markProjectDeleted(tx, key, false)
  return ownProject(tx, key)
}

/** One of the viewer's own. */
async function heldProject(tx: Transaction, key: ProjectKey, options = {}): Promise<ProjectRow> {
  const row = await holdProject(tx, key.ownerId, key, options)
  if (!row) throw notFound('There is no such project.', { field: 'input.projectId' })
  return row
}

import type { Database } from '../../platform/database/types.ts'
import type { ObjectStore } from '../../platform/objects/objects.ts'
import { deleteUpload, type UploadKey } from './queries.ts'
import { uploadObject } from './uploads.ts'

/** An upload and its file go. */
export async function removeUpload(
  key: UploadKey,
  { worker, services }: { readonly worker: Database; readonly services: { readonly objects: ObjectStore } },
): Promise<void> {
  await services.objects.delete(uploadObject(key))
  await deleteUpload(worker, key)
}

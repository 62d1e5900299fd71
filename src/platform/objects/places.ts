import { makeLocalObjects } from './local-objects.ts'
import type { ObjectStore } from './objects.ts'
import { makeS3Objects, type S3Place } from './s3-objects.ts'

/** Where objects are, by configuration. */
export type ObjectPlace = FolderPlace | ({ readonly kind: 's3' } & S3Place)

export interface FolderPlace {
  readonly kind: 'folder'
  readonly folder: string
}

/** Nothing is asked of the place before the first object is. */
export function openObjects(place: ObjectPlace): ObjectStore {
  return place.kind === 'folder' ? makeLocalObjects(place.folder) : makeS3Objects(place)
}

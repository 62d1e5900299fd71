import path from 'node:path'
import * as values from './config-values.ts'
import type { ObjectPlace } from './platform/objects/places.ts'
import type { S3Service } from './platform/objects/s3-client.ts'

/** Reads one variable: what it parses to, or the fallback where it is absent or bad. */
export type Read = <Value, Fallback>(
  name: string,
  parse: (text: string) => Value,
  fallback: Fallback,
) => Value | Fallback

/** What is too large for the database, and what of that is read seldom. */
export interface ObjectPlaces {
  readonly hot: ObjectPlace
  readonly cold: ObjectPlace
}

/** Folders of the home, unless variables name others or buckets. What does not go together is added to the problems. */
export function readObjects(read: Read, home: string, problems: string[]): ObjectPlaces {
  const before = problems.length
  const hot = {
    folder: read('OBJECTS_DIR', values.folder, null),
    bucket: read('S3_BUCKET', values.bucketName, null),
  }
  const cold = {
    folder: read('COLD_OBJECTS_DIR', values.folder, null),
    bucket: read('COLD_S3_BUCKET', values.bucketName, null),
    storageClass: read('COLD_S3_STORAGE_CLASS', values.storageClass, null),
  }
  const s3 = readS3(read)
  const coldBucket = cold.folder === null ? (cold.bucket ?? hot.bucket) : null
  // A bad value is enough to mend at a time.
  if (problems.length === before)
    problems.push(...contradictions(hot, cold), ...s3.problemsWith(hot.bucket ?? coldBucket))
  const hotFolder = hot.folder ?? path.join(home, 'objects')
  return Object.freeze({
    hot: hot.bucket === null ? folderPlace(hotFolder) : s3.place(hot.bucket, 'objects/', null),
    cold:
      coldBucket === null
        ? folderPlace(cold.folder ?? path.join(path.dirname(hotFolder), 'cold'))
        : s3.place(coldBucket, 'cold/', cold.storageClass),
  })
}

interface Named {
  readonly folder: string | null
  readonly bucket: string | null
}

function contradictions(hot: Named, cold: Named & { readonly storageClass: string | null }): string[] {
  const problems: string[] = []
  if (hot.folder !== null && hot.bucket !== null)
    problems.push('OBJECTS_DIR and S3_BUCKET name two places for the same objects: leave one out.')
  if (cold.folder !== null && cold.bucket !== null)
    problems.push('COLD_OBJECTS_DIR and COLD_S3_BUCKET name two places for the same objects: leave one out.')
  if (hot.folder !== null && hot.folder === cold.folder)
    problems.push('COLD_OBJECTS_DIR must be another folder than OBJECTS_DIR.')
  if (cold.storageClass !== null && (cold.folder !== null || (cold.bucket ?? hot.bucket) === null))
    problems.push('COLD_S3_STORAGE_CLASS is for a bucket: it goes with S3_BUCKET or COLD_S3_BUCKET.')
  return problems
}

function folderPlace(folder: string): ObjectPlace {
  return Object.freeze({ kind: 'folder', folder })
}

function readS3(read: Read) {
  const said = {
    endpoint: read('S3_ENDPOINT', values.serviceAddress, null),
    region: read('S3_REGION', values.regionName, null),
    prefix: read('S3_PREFIX', values.objectPrefix, null),
    pathStyle: read('S3_PATH_STYLE', values.onOff, null),
    accessKeyId: read('S3_ACCESS_KEY_ID', values.credential, null),
    secretAccessKey: read('S3_SECRET_ACCESS_KEY', values.credential, null),
  }
  const { endpoint, region, accessKeyId, secretAccessKey } = said
  const service: S3Service = Object.freeze({
    endpoint: endpoint ?? amazonIn(region ?? 'us-east-1'),
    region: region ?? 'us-east-1',
    pathStyle: said.pathStyle ?? endpoint !== null,
    accessKeyId: accessKeyId ?? '',
    secretAccessKey: secretAccessKey ?? '',
  })
  return {
    place(bucket: string, words: string, storageClass: string | null): ObjectPlace {
      return Object.freeze({ kind: 's3', service, bucket, prefix: `${said.prefix ?? ''}${words}`, storageClass })
    },
    /** What is missing beside the bucket, or the bucket. */
    problemsWith(bucket: string | null): string[] {
      if (bucket === null) {
        const isAsked = Object.values(said).some((value) => value !== null)
        return isAsked ? ['S3_BUCKET is missing: the other variables of S3 go with it.'] : []
      }
      const problems: string[] = []
      if (accessKeyId === null) problems.push('S3_ACCESS_KEY_ID is missing: it says who asks for the bucket.')
      if (secretAccessKey === null) problems.push('S3_SECRET_ACCESS_KEY is missing: it goes with S3_ACCESS_KEY_ID.')
      if (region === null && endpoint === null)
        problems.push(
          'S3_REGION is missing: it says where the bucket is. A service other than Amazon needs S3_ENDPOINT.',
        )
      return problems
    },
  }
}

function amazonIn(region: string): URL {
  return new URL(`https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`)
}

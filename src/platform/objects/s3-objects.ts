import { once } from 'node:events'
import { Readable } from 'node:stream'
import type {
  _Object,
  ListMultipartUploadsCommandInput,
  ListMultipartUploadsCommandOutput,
  MultipartUpload,
} from '@aws-sdk/client-s3'
import { digesting } from './digesting.ts'
import type { FoundObject, ObjectStore, PutOptions, StoredObject } from './objects.ts'
import { checkedKey, isKey, ObjectMissing } from './objects.ts'
import { nameOf, openS3, type S3, type S3Service, serviceFailure } from './s3-client.ts'

/** Where the objects of one store are. */
export interface S3Place {
  readonly service: S3Service
  readonly bucket: string
  /** What all keys begin with, ended by a slash; or nothing. */
  readonly prefix: string
  /** Null: the bucket's own. */
  readonly storageClass: string | null
}

/** Bytes. S3 has at most 10,000 parts in an object: one has at most 168 GB. What is smaller than a part is sent at once. */
const partBytes = 16 * 1024 * 1024
const partsAtOnce = 2

/**
 * Objects in a bucket. The user needs the rights to read, write and delete objects, to list the bucket and its unfinished uploads.
 * `delete` asks before it deletes: of two at the same time both may answer that there was one. Who reads an object of several parts
 * when it is deleted may lose it with some services, and then sees an error, never an early end.
 */
export function makeS3Objects(place: S3Place): ObjectStore {
  const bucket = new Bucket(place)
  return {
    put: async (key, content, options = {}) => bucket.put(checkedKey(key), content, options),
    get: async (key) => bucket.get(checkedKey(key)),
    find: async (key) => bucket.find(checkedKey(key)),
    async delete(key) {
      if ((await bucket.find(checkedKey(key))) === null) return false
      await bucket.delete(key)
      return true
    },
    async *list(prefix) {
      yield* bucket.list(prefix === undefined ? '' : `${checkedKey(prefix)}/`)
    },
    removeUnfinished: (before) => bucket.removeUnfinished(before),
  }
}

class Bucket {
  readonly #place: S3Place
  #opened: Promise<S3> | undefined

  constructor(place: S3Place) {
    this.#place = place
  }

  #open(): Promise<S3> {
    this.#opened ??= openS3(this.#place.service)
    return this.#opened
  }

  #address(key: string) {
    return { Bucket: this.#place.bucket, Key: this.#place.prefix + key }
  }

  #failure(error: unknown, doing: string) {
    return serviceFailure(error, this.#place.service, doing)
  }

  async put(key: string, content: AsyncIterable<Uint8Array>, { maxBytes, signal }: PutOptions): Promise<StoredObject> {
    const { client, Upload } = await this.#open()
    const digest = digesting(content, maxBytes)
    const body = Readable.from(digest.chunks, { objectMode: false, ...(signal && { signal }) })
    // Its failure is thrown by what reads it, too; this one keeps what it was.
    let sourceFailure: unknown
    body.on('error', (error) => {
      sourceFailure = error
    })
    const { storageClass } = this.#place
    const params = {
      ...this.#address(key),
      Body: body,
      ...(storageClass && { StorageClass: storageClass as 'STANDARD' }),
    }
    try {
      await new Upload({ client, params, partSize: partBytes, queueSize: partsAtOnce }).done()
      return digest.result()
    } catch (error) {
      throw sourceFailure ?? this.#failure(error, `store ${key}`)
    } finally {
      body.destroy()
      if (!body.closed) await once(body, 'close')
    }
  }

  async get(key: string): Promise<Readable> {
    const { client, GetObjectCommand } = await this.#open()
    try {
      const { Body } = await client.send(new GetObjectCommand(this.#address(key)))
      return Body as unknown as Readable
    } catch (error) {
      if (nameOf(error) === 'NoSuchKey') throw new ObjectMissing(`There is no object ${key}.`)
      throw this.#failure(error, `give ${key}`)
    }
  }

  async find(key: string): Promise<FoundObject | null> {
    const { client, HeadObjectCommand } = await this.#open()
    try {
      const { ContentLength = 0, LastModified } = await client.send(new HeadObjectCommand(this.#address(key)))
      return { key, bytes: ContentLength, storedAt: LastModified ?? new Date(0) }
    } catch (error) {
      if (nameOf(error) === 'NotFound') return null
      throw this.#failure(error, `look for ${key}`)
    }
  }

  async delete(key: string): Promise<void> {
    const { client, DeleteObjectCommand } = await this.#open()
    try {
      await client.send(new DeleteObjectCommand(this.#address(key)))
    } catch (error) {
      if (nameOf(error) !== 'NoSuchKey') throw this.#failure(error, `delete ${key}`)
    }
  }

  async *list(below: string): AsyncGenerator<FoundObject> {
    const { client, paginateListObjectsV2 } = await this.#open()
    const { bucket, prefix } = this.#place
    try {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix + below })) {
        for (const object of page.Contents ?? []) {
          const found = this.#found(object)
          if (found !== null) yield found
        }
      }
    } catch (error) {
      throw this.#failure(error, `list ${bucket}`)
    }
  }

  /** Null for what somebody else has put there. */
  #found({ Key = '', Size = 0, LastModified }: _Object): FoundObject | null {
    const key = Key.slice(this.#place.prefix.length)
    return isKey(key) && LastModified ? { key, bytes: Size, storedAt: LastModified } : null
  }

  async removeUnfinished(before: Date): Promise<number> {
    const { client, AbortMultipartUploadCommand } = await this.#open()
    let count = 0
    try {
      for await (const { Key, UploadId, Initiated } of this.#unfinished()) {
        if (!(Initiated && Initiated < before)) continue
        await client.send(new AbortMultipartUploadCommand({ Bucket: this.#place.bucket, Key, UploadId }))
        count += 1
      }
    } catch (error) {
      throw this.#failure(error, 'remove what was left unfinished')
    }
    return count
  }

  async *#unfinished(): AsyncGenerator<MultipartUpload> {
    const { client, ListMultipartUploadsCommand } = await this.#open()
    const { bucket, prefix } = this.#place
    let after: Pick<ListMultipartUploadsCommandInput, 'KeyMarker' | 'UploadIdMarker'> | null = {}
    while (after !== null) {
      const command = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...after })
      const page: ListMultipartUploadsCommandOutput = await client.send(command)
      yield* page.Uploads ?? []
      after = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : null
    }
  }
}

import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { text } from 'node:stream/consumers'
import type { Config } from '../../config.ts'
import { type ObjectPlace, openObjects } from '../../platform/objects/places.ts'
import { examine, type Finding } from './finding.ts'

/** The places of what is too large for the database. */
export async function lookAtObjects({ objects }: Config): Promise<Finding[]> {
  return [
    await examine('objects', () => lookAt(objects.hot), remedyFor(objects.hot, 'OBJECTS_DIR')),
    await examine('cold objects', () => lookAt(objects.cold), remedyFor(objects.cold, 'COLD_OBJECTS_DIR')),
  ]
}

function remedyFor(place: ObjectPlace, variable: string): string {
  if (place.kind === 'folder')
    return `let the user that runs Kitaab read and write ${place.folder}, or name another in ${variable}`
  return "check the variables of S3, that the service is up, and the user's rights: read, write, delete, list"
}

/** A folder that nobody made yet stays so: the first object makes it. */
async function lookAt(place: ObjectPlace): Promise<string> {
  if (place.kind === 'folder' && !fs.existsSync(place.folder))
    return `in ${place.folder}: not there yet, the first object makes it`
  await tryOut(place)
  const where = place.kind === 'folder' ? place.folder : `the bucket ${place.bucket} at ${place.service.endpoint.host}`
  return `in ${where}: one was written, read, listed and deleted`
}

async function tryOut(place: ObjectPlace): Promise<void> {
  const store = openObjects(place)
  const id = randomUUID()
  const key = `doctor/${id}`
  await store.put(key, once(id))
  if ((await text(await store.get(key))) !== id) throw new Error('what was read is not what was written')
  const keys: string[] = []
  for await (const object of store.list('doctor')) keys.push(object.key)
  if (!keys.includes(key)) throw new Error('what was written is not listed')
  if (!(await store.delete(key))) throw new Error('what was written could not be deleted')
}

async function* once(content: string) {
  yield Buffer.from(content)
}

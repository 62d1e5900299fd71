import path from 'node:path'
import { expect, test } from '@jest/globals'
import { type Config, ConfigError, readConfig } from '../src/config.ts'

const home = '/srv/kitaab'
const secret = 'correct-horse'
const amazon = {
  S3_BUCKET: 'books',
  S3_REGION: 'eu-central-1',
  S3_ACCESS_KEY_ID: 'AKID',
  S3_SECRET_ACCESS_KEY: secret,
}
const other = { ...amazon, S3_REGION: '', S3_ENDPOINT: 'https://s3.example:9000' }

function objectsOf(env: Record<string, string>): Config['objects'] {
  return readConfig({ KITAAB_HOME: home, ...env }).objects
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('without any variable objects are in folders of the home, the cold ones beside the others', () => {
  const folder = (name: string) => ({ kind: 'folder', folder: path.join(home, name) })
  expect(objectsOf({})).toEqual({ hot: folder('objects'), cold: folder('cold') })
  expect(objectsOf({ OBJECTS_DIR: '/mnt/fast/objects' }).cold).toEqual({ kind: 'folder', folder: '/mnt/fast/cold' })
  expect(objectsOf({ COLD_OBJECTS_DIR: '/mnt/slow' })).toEqual({
    hot: folder('objects'),
    cold: { kind: 'folder', folder: '/mnt/slow' },
  })
})

test('a bucket at Amazon is in the name of its region, hot and cold side by side in it', () => {
  const { hot, cold } = objectsOf({ ...amazon, COLD_S3_STORAGE_CLASS: 'STANDARD_IA' })
  expect(hot).toEqual({
    kind: 's3',
    bucket: 'books',
    prefix: 'objects/',
    storageClass: null,
    service: {
      endpoint: new URL('https://s3.eu-central-1.amazonaws.com'),
      region: 'eu-central-1',
      pathStyle: false,
      accessKeyId: 'AKID',
      secretAccessKey: secret,
    },
  })
  expect(cold).toMatchObject({ bucket: 'books', prefix: 'cold/', storageClass: 'STANDARD_IA' })
})

test('another service is asked in its own style, with what the keys begin with', () => {
  const { hot, cold } = objectsOf({ ...other, S3_PREFIX: 'another/thing', COLD_S3_BUCKET: 'cellar' })
  expect(hot).toMatchObject({ prefix: 'another/thing/objects/', service: { region: 'us-east-1', pathStyle: true } })
  expect(cold).toMatchObject({ bucket: 'cellar', prefix: 'another/thing/cold/' })
  expect(objectsOf({ ...other, S3_PATH_STYLE: 'off' }).hot).toMatchObject({ service: { pathStyle: false } })
})

test('one tier may be a folder and the other a bucket', () => {
  const { S3_BUCKET: _, ...nameless } = other
  expect(objectsOf({ ...nameless, COLD_S3_BUCKET: 'cellar' })).toMatchObject({
    hot: { kind: 'folder' },
    cold: { kind: 's3', bucket: 'cellar' },
  })
  expect(objectsOf({ ...other, COLD_OBJECTS_DIR: '/mnt/slow' })).toMatchObject({
    hot: { kind: 's3' },
    cold: { kind: 'folder' },
  })
})

test.each([
  [{ S3_BUCKET: 'books' }, ['S3_ACCESS_KEY_ID is missing', 'S3_SECRET_ACCESS_KEY is missing', 'S3_REGION is missing']],
  [{ ...other, S3_SECRET_ACCESS_KEY: '' }, ['S3_SECRET_ACCESS_KEY is missing']],
  [{ ...other, S3_BUCKET: '' }, ['S3_BUCKET is missing']],
  [{ ...other, OBJECTS_DIR: '/mnt' }, ['OBJECTS_DIR and S3_BUCKET name two places']],
  [{ ...other, COLD_S3_BUCKET: 'cellar', COLD_OBJECTS_DIR: '/mnt' }, ['COLD_OBJECTS_DIR and COLD_S3_BUCKET name two']],
  [{ OBJECTS_DIR: '/mnt', COLD_OBJECTS_DIR: '/mnt/' }, ['COLD_OBJECTS_DIR must be another']],
  [{ COLD_S3_STORAGE_CLASS: 'STANDARD_IA' }, ['COLD_S3_STORAGE_CLASS is for a bucket']],
  [{ ...other, COLD_S3_STORAGE_CLASS: 'DEEP_ARCHIVE' }, ['COLD_S3_STORAGE_CLASS must be a class that is read at once']],
  [{ ...other, COLD_S3_STORAGE_CLASS: 'cheap' }, ['COLD_S3_STORAGE_CLASS must be a storage class']],
  [{ ...other, S3_BUCKET: 'My Bucket' }, ['S3_BUCKET must be the name of a bucket']],
  [{ ...other, S3_ENDPOINT: `https://me:${secret}@s3.example` }, ['S3_ENDPOINT must be a plain address']],
  [{ ...other, S3_ENDPOINT: 's3.example' }, ['S3_ENDPOINT must be an address']],
  [{ ...other, S3_REGION: 'the moon' }, ['S3_REGION must be a region']],
  [{ ...other, S3_PREFIX: '/../up' }, ['S3_PREFIX must be words']],
  [{ ...other, S3_PATH_STYLE: 'yes' }, ['S3_PATH_STYLE must be on or off']],
  [{ ...other, S3_SECRET_ACCESS_KEY: `${secret} and more` }, ['S3_SECRET_ACCESS_KEY must be up to 500']],
])('%j is refused, each problem in a line that holds no secret', (env, told) => {
  const problems = problemsOf(env as Record<string, string>)
  expect(problems).toEqual(told.map((words) => expect.stringContaining(words)))
  expect(problems.join('\n')).not.toContain(secret)
})

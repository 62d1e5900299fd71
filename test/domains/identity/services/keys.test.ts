import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, test } from '@jest/globals'
import { loadKeys } from '../../../../src/domains/identity/services/keys.ts'
import { temporaryHomes } from '../../../support/homes.ts'

const homes = temporaryHomes()
afterEach(() => homes.removeAll())

const pemOf = (type: 'ed25519' | 'x25519') =>
  (type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')).privateKey
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()

test('SES-2 the key is made on the first start, for its owner alone, and is the same on the next', () => {
  const home = homes.newHome('deep/below')
  const first = loadKeys({ pem: null, home })
  expect(fs.statSync(path.join(home, 'keys')).mode & 0o777).toBe(0o700)
  expect(fs.readdirSync(path.join(home, 'keys'))).toEqual(['access-tokens.pem'])
  expect(fs.statSync(path.join(home, 'keys/access-tokens.pem')).mode & 0o777).toBe(0o600)
  const again = loadKeys({ pem: null, home })
  expect(again.signing.kid).toBe(first.signing.kid)
  expect(again.derived('a purpose')).toEqual(first.derived('a purpose'))
})

test('SES-2 processes that start at once agree on one key', async () => {
  const home = homes.newHome()
  const source = path.join(import.meta.dirname, '../../../../src/domains/identity/services/keys.ts')
  const program = `const { loadKeys } = await import(${JSON.stringify(source)})
    const { signing, derived } = loadKeys({ pem: null, home: process.argv[1] })
    console.log(signing.kid, derived('a purpose')[0].key.toString('hex'))`
  const start = () =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, home], {
      env: { ...process.env, NODE_OPTIONS: '' },
    })
  const printed = (await Promise.all(Array.from({ length: 6 }, start))).map(({ stdout }) => stdout)
  expect(printed[0]).toMatch(/^[\w-]{43} [0-9a-f]{64}\n$/)
  expect(new Set(printed).size).toBe(1)
  expect(fs.readdirSync(path.join(home, 'keys'))).toEqual(['access-tokens.pem'])
})

test('SES-2 a configured key is used, and none is made', () => {
  const home = homes.newHome()
  const pem = pemOf('ed25519')
  const [one, other] = [loadKeys({ pem, home }), loadKeys({ pem, home })]
  expect(one.signing.kid).toBe(other.signing.kid)
  expect(one.derived('a purpose')).toEqual(other.derived('a purpose'))
  expect([...one.verifying.keys()]).toEqual([one.signing.kid])
  expect(fs.existsSync(home)).toBe(false)
})

test.each([
  ['nothing', ''],
  ['a key of another kind', pemOf('x25519')],
])('SES-2 a key file that holds %s is told, and left as it is', (_what, content) => {
  const home = homes.newHome()
  const file = path.join(home, 'keys/access-tokens.pem')
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, content)
  expect(() => loadKeys({ pem: null, home })).toThrow(`${file} holds no Ed25519 private key.`)
  expect(fs.readFileSync(file, 'utf8')).toBe(content)
})

import { createPrivateKey, type KeyObject } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

/*
 * Each function reads the text of one variable or throws an Error whose message continues the variable's name: what is allowed,
 * and what was given instead unless that may hold a secret.
 */

/** One of these words. */
export function oneOf<Word extends string>(...words: Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((candidate) => candidate === text.toLowerCase())
    if (word === undefined) throw new Error(`must be ${listed(words)}, not ${quoted(text)}`)
    return word
  }
}

/** `on` or `off`. */
export function onOff(text: string): boolean {
  return oneOf('on', 'off')(text) === 'on'
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw new Error(`must be a whole number from ${least} to ${most}, not ${quoted(text)}`)
  }
}

/** A name or address to listen on; not a URL, no port. */
export function hostName(text: string): string {
  if (/^[a-z0-9.:_-]+$/i.test(text) && !/^[^:]*:\d+$/.test(text)) return text
  throw new Error(`must be a host name or an address, without a port, not ${quoted(text)}`)
}

export function folder(text: string): string {
  return path.resolve(text)
}

/** The content of a readable file. */
export function fileContent(text: string): string {
  try {
    return fs.readFileSync(text, 'utf8')
  } catch {
    throw new Error(`must name a file that can be read, not ${quoted(text)}`)
  }
}

/** A URL of one of these schemes, that may hold a password. */
export function address(schemes: readonly string[], example: string): (text: string) => URL {
  return (text) => {
    const url = URL.canParse(text) ? new URL(text) : null
    if (url === null) throw new Error(`must be an address like ${example}: what it holds is not a URL`)
    if (!schemes.includes(url.protocol.slice(0, -1))) {
      throw new Error(`must be an address like ${example}: it begins with "${url.protocol}//"`)
    }
    return url
  }
}

const strictModes = ['require', 'verify-ca', 'verify-full']

/** A PostgreSQL server's address, with a user and a database. Of parameters only `host` and `sslmode` are understood. */
export function databaseAddress(text: string): URL {
  const url = address(['postgres', 'postgresql'], 'postgres://user:password@host:5432/database')(text)
  if (url.username === '') throw new Error('must name a user: postgres://user:password@host:5432/database')
  if (url.pathname.length < 2) throw new Error('must name a database: postgres://user:password@host:5432/database')
  for (const [name, value] of url.searchParams) {
    const known = name === 'host' || (name === 'sslmode' && [...strictModes, 'disable'].includes(value))
    if (!known)
      throw new Error(
        `has the parameter "${name}", which is not understood as it is: leave it out (TLS is DATABASE_TLS)`,
      )
  }
  return url
}

/** Does the address itself ask for TLS? */
export function asksForTls(url: URL): boolean {
  return strictModes.includes(url.searchParams.get('sslmode') ?? '')
}

/** Where this service is reached from outside. */
export function webAddress(text: string): URL {
  const url = address(['http', 'https'], 'https://kitaab.example')(text)
  if (url.username !== '' || url.search !== '' || url.hash !== '')
    throw new Error('must be a plain address like https://kitaab.example')
  return url
}

/** A service beside this one, without a path. */
export function serviceAddress(text: string): URL {
  const url = address(['http', 'https'], 'https://s3.example')(text)
  if (url.username !== '' || url.search !== '' || url.hash !== '' || url.pathname !== '/')
    throw new Error('must be a plain address like https://s3.example, without a path')
  return url
}

export function bucketName(text: string): string {
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text)) return text
  throw new Error(`must be the name of a bucket: 3 to 63 of a-z 0-9 . -, not ${quoted(text)}`)
}

export function regionName(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,39}$/i.test(text)) return text
  throw new Error(`must be a region like eu-central-1, not ${quoted(text)}`)
}

/** What keys begin with: empty, or ended by a slash. */
export function objectPrefix(text: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,99}(\/[a-z0-9][a-z0-9._-]{0,99}){0,4}\/?$/i.test(text)) return text.replace(/\/?$/, '/')
  throw new Error(`must be words of letters, digits and . _ - with slashes between them, not ${quoted(text)}`)
}

/** A class of S3 whose objects are read at once. */
export function storageClass(text: string): string {
  if (!/^[A-Z][A-Z0-9_]{1,39}$/.test(text))
    throw new Error(`must be a storage class like STANDARD_IA, not ${quoted(text)}`)
  if (text === 'GLACIER' || text === 'DEEP_ARCHIVE')
    throw new Error(
      'must be a class that is read at once, such as STANDARD_IA or GLACIER_IR: objects of this one are not',
    )
  return text
}

/** One line without blanks, which is never repeated. */
export function credential(text: string): string {
  if (/^[\x21-\x7e]{1,500}$/.test(text)) return text
  throw new Error('must be up to 500 characters of ASCII without blanks')
}

/** Origins, separated by commas. */
export function origins(text: string): string[] {
  const found = text.split(',').map((part) => part.trim())
  const bad = found.find((part) => !URL.canParse(part) || new URL(part).origin !== part)
  if (bad === undefined) return found
  throw new Error(`must list origins like https://app.example, separated by commas; ${quoted(bad)} is not one`)
}

/** The sender of mails, one line. */
export function mailAddress(text: string): string {
  if (/^[^\r\n]{0,100}@[^\r\n]{1,200}$/.test(text)) return text
  throw new Error(`must be a mail address like Kitaab <kitaab@example.org>, not ${quoted(text)}`)
}

/** An Ed25519 private key as PEM: the text itself, or the name of its file. */
export function ed25519Key(text: string): string {
  return privateKey(text, {
    fits: (key) => key.asymmetricKeyType === 'ed25519',
    kind: 'an Ed25519',
    made: 'openssl genpkey -algorithm ed25519',
  })
}

/** A P-256 private key as PEM: the text itself, or the name of its file. */
export function p256Key(text: string): string {
  return privateKey(text, {
    fits: (key) => key.asymmetricKeyDetails?.namedCurve === 'prime256v1',
    kind: 'a P-256',
    made: 'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256',
  })
}

interface KeyKind {
  fits(key: KeyObject): boolean
  readonly kind: string
  readonly made: string
}

function privateKey(text: string, { fits, kind, made }: KeyKind): string {
  // .env files and many platforms can hold only one line.
  const pem = text.startsWith('-----BEGIN') ? text.replaceAll('\\n', '\n') : readKeyFile(text, kind)
  let isFit = false
  try {
    isFit = fits(createPrivateKey(pem))
  } catch {
    // Not a key: told below, without what it is.
  }
  if (isFit) return pem
  throw new Error(`must be ${kind} private key in PEM (or its file): make one with "${made}"`)
}

function readKeyFile(name: string, kind: string): string {
  try {
    return fs.readFileSync(name, 'utf8')
  } catch {
    throw new Error(
      `must be ${kind} private key in PEM, or the name of a file that holds one: no such file can be read`,
    )
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text)
}

function listed(words: readonly string[]): string {
  return words.length === 1 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

import { hash, verify } from '@node-rs/argon2'
import { rateLimited } from '../../../platform/graphql/errors.ts'

/** SES-1 Hashes by argon2id, at most two at once: each takes 19 MiB and a core for some 20 ms. */
export interface Passwords {
  /** The hash in PHC form. RATE_LIMITED when too many wait. */
  hash(password: string): Promise<string>
  /** Whether it is the password of the hash; false for `null`, after the same work. */
  verify(password: string, hashed: string | null): Promise<boolean>
}

// What OWASP's Password Storage Cheat Sheet asks of argon2id at the least.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const mostAtOnce = 2
const mostWaiting = 64

export function makePasswords(): Passwords {
  const inTurn = makeQueue()
  let nobodys: Promise<string> | undefined
  return {
    hash: (password) => inTurn(() => hash(composed(password), cost)),
    verify: (password, hashed) =>
      inTurn(async () => {
        // Made by whoever comes first, known or not: the first unknown address would be told by the time it takes.
        nobodys ??= hash('a password that nobody has', cost)
        const standIn = await nobodys
        const matches = await verify(hashed ?? standIn, composed(password))
        return hashed !== null && matches
      }),
  }
}

/** Keyboards write the same accented or vowelled letter in one code point or in two. */
function composed(password: string): string {
  return password.normalize('NFC')
}

/** Runs work two at a time, in order; refuses when 64 wait already. */
function makeQueue() {
  const waiting: (() => void)[] = []
  let running = 0
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running < mostAtOnce) running++
    else {
      if (waiting.length >= mostWaiting)
        throw rateLimited('Too many people log in right now. Try again in a moment.', 2)
      // Whoever ends hands its place on, so `running` stays.
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

let common: Promise<ReadonlySet<string>> | undefined

/** Whether it is one of the 49,233 passwords that people use most (of zxcvbn, in lower case). */
export async function isCommonPassword(password: string): Promise<boolean> {
  common ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'].map(String)),
  )
  return (await common).has(password.toLowerCase())
}

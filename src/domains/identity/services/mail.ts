import { randomUUID } from 'node:crypto'
import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import nodemailer, { type SendMailOptions } from 'nodemailer'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Log } from '../../../platform/log.ts'

export interface Mail {
  to: string
  subject: string
  text: string
  html?: string
  headers?: Readonly<Record<string, string>>
}

/**
 * What came of handing a mail over; `code` is the server's or the system's. `later`: it was certainly not taken; `refused`: nor will
 * it be; `unknown`: the connection was lost when the server may have had it.
 */
export type MailHandover =
  | { readonly result: 'taken' }
  | { readonly result: 'refused' | 'later' | 'unknown'; readonly code: string }

export interface Mailer {
  /**
   * Sends, or writes an `.eml` file into the outbox when no mail server is configured. Never rejects: whoever asked is told the
   * same whether an address is known, so failures are for the log alone. More than five an hour to one address are not sent.
   */
  send(mail: Mail): Promise<void>
  /** Sends in the same way, for whoever must know what came of it, to an address that is confirmed; counts no mails. Never rejects. */
  handOver(mail: Mail): Promise<MailHandover>
  /** Waits for the mails that are under way, for 5 seconds at most. */
  stop(): Promise<void>
}

export const mailsPerHour = 5
const mostWaitMs = 5_000
/** In milliseconds. */
const smtpTimeouts = { connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 8_000, dnsTimeout: 5_000 }

export function makeMailer(options: { smtpUrl: URL | null; from: string; home: string; log: Log }): Mailer {
  const { smtpUrl, from, home, log } = options
  const budget = new RateLimiterMemory({ points: mailsPerHour, duration: 3600 })
  const smtp = smtpUrl && makeSmtp(smtpUrl, from)
  const trouble = smtp ? null : outboxTrouble(home)
  if (trouble !== null) log.error({ trouble }, 'mails reach nobody: let Kitaab write its outbox, or set SMTP_URL')
  const deliver = smtp?.deliver ?? outbox(path.join(home, 'outbox'), from, log)
  const underWay = new Set<Promise<unknown>>()
  const send = async (mail: Mail) => {
    const allowed = await budget.consume(mail.to.toLowerCase()).then(
      () => true,
      () => false,
    )
    if (!allowed) return log.warn('a mail was not sent: its address got five within the hour')
    await deliver(mail).catch((error) => log.error(failureOf(error), 'a mail could not be sent'))
  }
  const handOver = (mail: Mail) =>
    deliver(mail).then(
      () => ({ result: 'taken' }) as const,
      (error) => {
        log.warn(failureOf(error), 'a mail was not taken')
        return handoverOf(error)
      },
    )
  async function tracked<Result>(sending: Promise<Result>): Promise<Result> {
    underWay.add(sending)
    return sending.finally(() => underWay.delete(sending))
  }
  return {
    send: (mail) => tracked(send(mail)),
    handOver: (mail) => tracked(handOver(mail)),
    async stop() {
      await Promise.race([Promise.all(underWay), wait(mostWaitMs, undefined, { ref: false })])
      smtp?.close()
    },
  }
}

/** The server's word counts, whenever it came; without one, whether the mail itself had begun to leave. */
function handoverOf({ responseCode, code = 'unknown', hasLeft }: MailFailure): MailHandover {
  if (responseCode !== undefined && responseCode >= 500) return { result: 'refused', code: `smtp_${responseCode}` }
  if (responseCode !== undefined) return { result: 'later', code: `smtp_${responseCode}` }
  return { result: hasLeft ? 'unknown' : 'later', code: code.toLowerCase() }
}

interface MailFailure {
  readonly responseCode?: number
  readonly code?: string
  /** Of `makeSmtp`. */
  readonly hasLeft?: boolean
}

/** Far below the time after which nobody waits for a mail any more. */
const longestSendingMs = 120_000

function makeSmtp(url: URL, from: string) {
  const transport = nodemailer.createTransport({ url: url.href, ...smtpTimeouts })
  // The transport reads the mail only once the server has asked for it (354 to DATA): what fails before was not sent.
  transport.use('stream', ({ message, data }, done) => {
    const createReadStream = message.createReadStream.bind(message)
    message.createReadStream = () => Readable.from(noting(createReadStream(), (data as Leaving).onLeaving)) as never
    done()
  })
  return {
    close: () => transport.close(),
    async deliver(mail: Mail) {
      let hasLeft = false
      const onLeaving = () => {
        hasLeft = true
      }
      const signal = AbortSignal.timeout(longestSendingMs)
      const sent: Mail & Leaving & { signal: AbortSignal } = { ...mail, signal, onLeaving }
      await transport.sendMail({ from, ...sent } as SendMailOptions).catch((error: Error) => {
        throw Object.assign(error, { hasLeft })
      })
    },
  }
}

interface Leaving {
  onLeaving(): void
}

async function* noting(stream: AsyncIterable<unknown>, onBegin: () => void) {
  onBegin()
  yield* stream
}

/** A mail server's refusal repeats the address, and sometimes more: only its codes are for the log. */
function failureOf({ code, command, responseCode, path: file }: Record<string, unknown>) {
  return { code, command, responseCode, file }
}

/** Why no mail can be written into the outbox of this home, or null. What is not there yet, the first mail makes. */
export function outboxTrouble(home: string): string | null {
  let folder = path.join(path.resolve(home), 'outbox')
  while (statSync(folder, { throwIfNoEntry: false }) === undefined) folder = path.dirname(folder)
  try {
    if (!statSync(folder).isDirectory()) return `${folder} is not a folder`
    accessSync(folder, constants.W_OK | constants.X_OK)
    return null
  } catch {
    return `${folder} cannot be written`
  }
}

function outbox(folder: string, from: string, log: Log) {
  const composer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  return async (mail: Mail) => {
    const { message } = await composer.sendMail({ from, ...mail } as SendMailOptions)
    // The home itself stays open: the user that PostgreSQL runs as may have to pass through it.
    mkdirSync(path.dirname(folder), { recursive: true })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const file = path.join(folder, `${new Date().toISOString().replaceAll(':', '-')}-${randomUUID().slice(0, 8)}.eml`)
    await writeFile(file, message, { mode: 0o600 })
    log.info({ file }, 'no mail server is configured: a mail was written to the outbox')
  }
}

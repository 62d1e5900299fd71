import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import nodemailer from 'nodemailer'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Log } from '../../../platform/log.ts'

export interface Mail {
  to: string
  subject: string
  text: string
}

export interface Mailer {
  /**
   * Sends, or writes an `.eml` file into the outbox when no mail server is configured. Never rejects: whoever asked is told the
   * same whether an address is known, so failures are for the log alone. More than five an hour to one address are not sent.
   */
  send(mail: Mail): Promise<void>
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
  const smtp = smtpUrl && nodemailer.createTransport({ url: smtpUrl.href, ...smtpTimeouts })
  const deliver = smtp ? (mail: Mail) => smtp.sendMail({ from, ...mail }) : outbox(path.join(home, 'outbox'), from, log)
  const underWay = new Set<Promise<void>>()
  const send = async (mail: Mail) => {
    const allowed = await budget.consume(mail.to.toLowerCase()).then(
      () => true,
      () => false,
    )
    if (!allowed) return log.warn('a mail was not sent: its address got five within the hour')
    await deliver(mail).catch((error) => log.error(failureOf(error), 'a mail could not be sent'))
  }
  return {
    async send(mail) {
      const sending = send(mail)
      underWay.add(sending)
      await sending.finally(() => underWay.delete(sending))
    },
    async stop() {
      await Promise.race([Promise.all(underWay), wait(mostWaitMs, undefined, { ref: false })])
      smtp?.close()
    },
  }
}

/** A mail server's refusal repeats the address, and sometimes more: only its codes are for the log. */
function failureOf({ code, command, responseCode, path: file }: Record<string, unknown>) {
  return { code, command, responseCode, file }
}

function outbox(folder: string, from: string, log: Log) {
  const composer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  return async (mail: Mail) => {
    const { message } = await composer.sendMail({ from, ...mail })
    // The home itself stays open: the user that PostgreSQL runs as may have to pass through it.
    mkdirSync(path.dirname(folder), { recursive: true })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const file = path.join(folder, `${new Date().toISOString().replaceAll(':', '-')}-${randomUUID().slice(0, 8)}.eml`)
    await writeFile(file, message, { mode: 0o600 })
    log.info({ file }, 'no mail server is configured: a mail was written to the outbox')
  }
}

import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
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
  stop(): void
}

const mailsPerHour = 5

export function makeMailer(options: { smtpUrl: URL | null; from: string; home: string; log: Log }): Mailer {
  const { smtpUrl, from, home, log } = options
  const budget = new RateLimiterMemory({ points: mailsPerHour, duration: 3600 })
  const smtp = smtpUrl && nodemailer.createTransport(smtpUrl.href)
  const deliver = smtp ? (mail: Mail) => smtp.sendMail({ from, ...mail }) : outbox(path.join(home, 'outbox'), from, log)
  return {
    async send(mail) {
      const allowed = await budget.consume(mail.to.toLowerCase()).then(
        () => true,
        () => false,
      )
      if (!allowed) return log.warn('a mail was not sent: its address got five within the hour')
      try {
        await deliver(mail)
      } catch (err) {
        log.error({ err }, 'a mail could not be sent')
      }
    },
    stop: () => smtp?.close(),
  }
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

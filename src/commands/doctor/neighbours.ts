import { Redis } from 'ioredis'
import SMTPConnection from 'nodemailer/lib/smtp-connection/index.js'
import type { Config } from '../../config.ts'
import { examine, type Finding } from './finding.ts'

const timeoutMs = 5_000

/** The servers beside the database, those of them that are configured. */
export async function lookAtNeighbours({ smtpUrl, redisUrl, metricsPort, metricsHost }: Config): Promise<Finding[]> {
  return [
    await examine(
      'mail server',
      () => (smtpUrl === null ? 'no SMTP_URL: mails go to the outbox' : greetMailServer(smtpUrl)),
      'check SMTP_URL, and that the server is up: mails that it does not take are lost',
    ),
    await examine(
      'redis',
      () =>
        redisUrl === null
          ? 'no REDIS_URL: each process counts rate budgets and keeps answers by itself'
          : askRedis(redisUrl),
      'check REDIS_URL, and that the server is up: until then each process counts alone, and no answers are kept',
    ),
    await examine('metrics', () => whereMetricsAre(metricsPort, metricsHost), 'check METRICS_PORT'),
  ]
}

function whereMetricsAre(port: number | null, host: string): string {
  if (port === null) return 'no METRICS_PORT: nothing is measured'
  return `at ${host}, port ${port === 0 ? '(any free one)' : port}, for everybody who reaches it`
}

/** Waits for the greeting, and for TLS where the address asks for it. Neither logs in nor sends. */
function greetMailServer(url: URL): Promise<string> {
  const secure = url.protocol === 'smtps:'
  const connection = new SMTPConnection({
    host: url.hostname,
    port: Number(url.port || (secure ? 465 : 587)),
    secure,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
  })
  return new Promise<string>((resolve, reject) => {
    connection.once('error', reject)
    connection.connect((error) => (error ? reject(error) : resolve(`${url.host} greets; nothing was sent`)))
  }).finally(() => connection.close())
}

async function askRedis(url: URL): Promise<string> {
  const redis = new Redis(url.href, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    enableReadyCheck: false,
    disableClientInfo: true,
  })
  // What the client only says is "Connection is closed"; why, it tells here.
  let reason: Error | null = null
  redis.on('error', (error) => {
    reason = error
  })
  try {
    await redis.connect()
    await redis.ping()
    return `${url.host} answers`
  } catch (error) {
    throw reason ?? error
  } finally {
    redis.disconnect()
  }
}

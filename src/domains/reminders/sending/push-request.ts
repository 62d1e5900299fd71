import http from 'node:http'
import https from 'node:https'
import webPush from 'web-push'
import { addressProblem, lookupPublic } from '../../../platform/outgoing-addresses.ts'
import type { DeviceKeys } from '../devices.ts'
import type { Handover } from '../firing.ts'
import type { PushTools } from './push.ts'

/** What a push service made of a message; `gone`: the subscription has ended. */
export type Posted = Handover | { readonly result: 'gone'; readonly code: string }

/** How long a push service keeps a message for a device that is off: as long as the reminder would not be late. */
const keptSeconds = 2 * 3600
const longestMs = 15_000
const longestWaitSeconds = 3600

/** RFC 8030, 8291, 8292: posts one message, encrypted for the device, and follows no redirect. Never rejects. */
export async function postPush(
  subscription: { endpoint: string; keys: DeviceKeys },
  message: { payload: string; topic: string },
  { services }: Pick<PushTools, 'services'>,
): Promise<Posted> {
  const url = new URL(subscription.endpoint)
  // Asked again: what may be reached can have been narrowed since.
  if (addressProblem(url, { mayBePrivate: services.privatePush }))
    return { result: 'gone', code: 'address_not_allowed' }
  const { method, headers, body } = webPush.generateRequestDetails(subscription, message.payload, {
    TTL: keptSeconds,
    urgency: 'normal',
    topic: message.topic,
    vapidDetails: { subject: services.contact, ...services.pushKeys },
  })
  const options = { method, headers, ...(!services.privatePush && { lookup: lookupPublic as never }) }
  return posted(url, options, body)
}

function posted(url: URL, options: https.RequestOptions, body: Buffer | null): Promise<Posted> {
  const { request } = url.protocol === 'https:' ? https : http
  return new Promise((resolve) => {
    let isConnected = false
    const signal = AbortSignal.timeout(longestMs)
    // A connection of its own, so that what fails before it stands was certainly not sent.
    const sending = request(url, { ...options, agent: false, signal }, (response) => {
      response.resume()
      response.on('error', () => {})
      resolve(meaningOf(response))
    })
    sending.on('socket', (socket) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        isConnected = true
      })
    })
    sending.on('error', (error: NodeJS.ErrnoException) => {
      const code = (error.code ?? error.name).toLowerCase()
      if (code === 'eprivate') resolve({ result: 'gone', code: 'address_not_allowed' })
      else resolve({ result: isConnected ? 'unknown' : 'later', code })
    })
    sending.end(body)
  })
}

function meaningOf({ statusCode = 0, headers }: http.IncomingMessage): Posted {
  const code = `http_${statusCode}`
  if (statusCode >= 200 && statusCode < 300) return { result: 'taken' }
  if (statusCode === 404 || statusCode === 410) return { result: 'gone', code }
  if (statusCode !== 429 && statusCode < 500) return { result: 'refused', code }
  const seconds = Number(headers['retry-after'])
  const isSaid = Number.isInteger(seconds) && seconds > 0
  return { result: 'later', code, ...(isSaid && { seconds: Math.min(seconds, longestWaitSeconds) }) }
}

import type { Database } from '../../../platform/database/types.ts'
import { keysOf } from '../devices.ts'
import type { Handover } from '../firing.ts'
import { pushMessageOf, tagOf } from '../messages.ts'
import type { DeliveryFacts } from '../queries/deliveries.ts'
import { devicesOf, forgetDevice } from '../queries/devices.ts'
import type { ReminderServices } from '../services.ts'
import { type Posted, postPush } from './push-request.ts'

export interface PushTools {
  readonly services: Pick<ReminderServices, 'seals' | 'pushKeys' | 'privatePush' | 'contact'>
  readonly publicUrl: string
}

/**
 * Sends a message to all devices of its owner. One that took it is enough: the others are not tried again, so that it shows
 * nowhere twice. Devices that are gone are removed, and those whose keys nobody can open any more.
 */
export async function sendPush(worker: Database, facts: DeliveryFacts, tools: PushTools): Promise<Handover> {
  const devices = await devicesOf(worker, facts.ownerId)
  const payload = JSON.stringify(pushMessageOf(facts, tools.publicUrl))
  const posted = await Promise.all(
    devices.map(async (device): Promise<Posted> => {
      const keys = keysOf(facts.ownerId, device, tools.services)
      const result: Posted =
        keys === null
          ? { result: 'gone', code: 'keys_lost' }
          : await postPush({ endpoint: device.endpoint, keys }, { payload, topic: tagOf(facts) }, tools)
      if (result.result === 'gone') await forgetDevice(worker, facts.ownerId, device)
      return result
    }),
  )
  return summary(posted)
}

/** What all devices together come to: what is certain of one holds for all. */
function summary(posted: readonly Posted[]): Handover {
  const first = <Result extends Posted['result']>(result: Result) =>
    posted.find((one): one is Extract<Posted, { result: Result }> => one.result === result)
  const gone = first('gone')
  return (
    first('taken') ??
    first('unknown') ??
    first('later') ??
    first('refused') ?? { result: 'pointless', code: gone ? gone.code : 'no_device' }
  )
}

import { Command } from 'commander'
import { type Config, loadConfig } from '../config.ts'
import { keyRingOf, sealsOf } from '../domains/identity/services/key-ring.ts'
import { makeNewestKey, removeOldKeys } from '../domains/identity/services/rotate-keys.ts'
import { resealDevices } from '../domains/reminders/devices.ts'
import { resealResources } from '../domains/resources/sealing.ts'
import { withKysely } from '../platform/database/migrator.ts'
import type { Tables } from '../platform/database/types.ts'
import { makeLog } from '../platform/log.ts'
import { ensureSchema, withDatabase } from './database.ts'
import { describeError, say } from './run.ts'

/** `kitaab rotate-keys` */
export function rotateKeysCommand(): Command {
  return new Command('rotate-keys')
    .description(
      'Make a new key that signs tokens. Those that were given before hold on; a service that runs takes it up by itself. ' +
        'What the service keeps encrypted is encrypted anew before a key is removed.',
    )
    .option('--forget-old', 'keep no key from before: everybody logs in again, and links in mails end')
    .action(rotate)
}

async function rotate({ forgetOld = false }: { forgetOld?: boolean }): Promise<void> {
  const config = loadConfig()
  const { home, jwtPrivateKey } = config
  if (jwtPrivateKey !== null) {
    throw new Error(
      'JWT_PRIVATE_KEY holds the key: put a new one there, and the one that was there into JWT_PREVIOUS_KEY, then start the service again.',
    )
  }
  const { kid, over } = makeNewestKey(home, { forgetOld })
  say(`The key ${kid} signs from now on.`)
  if (over > 0) await resealAll(config)
  const { kept, removed } = removeOldKeys(home, { forgetOld })
  say(`Older keys that still verify: ${kept}; removed: ${removed}.`)
}

/** What only older keys open would be lost with them. Throws when it can't be sealed anew: then they stay. */
async function resealAll(config: Config): Promise<void> {
  const log = makeLog({ level: config.logLevel, destination: { write: (line) => process.stderr.write(line) } })
  const seals = sealsOf(keyRingOf(config, log))
  try {
    await withDatabase(config, 'kitaab rotate-keys', async (connections) => {
      await ensureSchema(config, connections)
      await withKysely<void, Tables>(connections.forRole('kitaab_worker'), async (worker) => {
        const resealed = (await resealResources(worker, seals)) + (await resealDevices(worker, { seals }))
        if (resealed > 0) say(`Encrypted anew: ${resealed} sensitive resources and keys of devices.`)
      })
    })
  } catch (error) {
    throw new Error(
      `The older keys are kept, because what they encrypted could not be encrypted anew: ${describeError(error)} ` +
        'Run this again once the database can be reached.',
      { cause: error },
    )
  }
}

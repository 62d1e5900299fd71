import { Command } from 'commander'
import { loadConfig } from '../config.ts'
import { rotateKeys } from '../domains/identity/services/rotate-keys.ts'
import { say } from './run.ts'

/** `kitaab rotate-keys` */
export function rotateKeysCommand(): Command {
  return new Command('rotate-keys')
    .description(
      'Make a new key that signs tokens. Those that were given before hold on; a service that runs takes it up by itself.',
    )
    .option(
      '--forget-old',
      'keep no key from before: everybody logs in again, links that turn reminders off end, and browsers must subscribe to push messages anew',
    )
    .action(rotate)
}

function rotate({ forgetOld = false }: { forgetOld?: boolean }): void {
  const { home, jwtPrivateKey } = loadConfig()
  if (jwtPrivateKey !== null) {
    throw new Error(
      'JWT_PRIVATE_KEY holds the key: put a new one there, and the one that was there into JWT_PREVIOUS_KEY, then start the service again.',
    )
  }
  const { kid, kept, removed } = rotateKeys(home, { forgetOld })
  say(`The key ${kid} signs from now on. Older keys that still verify: ${kept}; removed: ${removed}.`)
}

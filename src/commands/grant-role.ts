import { Command, Option } from 'commander'
import { type Config, loadConfig } from '../config.ts'
import type { UserRole } from '../generated/database.ts'
import type { Connections } from '../platform/database/connections.ts'
import { makeLog } from '../platform/log.ts'
import { ensureSchema, withDatabase } from './database.ts'
import { say } from './run.ts'

const roles: readonly UserRole[] = ['member', 'analyst', 'support', 'admin']

interface Options {
  readonly user: string
  readonly role: UserRole
}

/** `kitaab grant-role` */
export function grantRoleCommand(): Command {
  return new Command('grant-role')
    .description(
      'Give an account a role. So the first administrator comes to be; an administrator can do it by setRole.',
    )
    .requiredOption('--user <email>', 'the address of the person')
    .addOption(new Option('--role <role>', 'what the account is to be').choices(roles).makeOptionMandatory())
    .action(grant)
}

async function grant({ user, role }: Options): Promise<void> {
  const config = loadConfig()
  await withDatabase(config, 'kitaab grant-role', (connections) => setRole(config, connections, { user, role }))
  say(`${user} has the role ${role} now: what they do with it begins when their app refreshes its access token.`)
}

async function setRole(config: Config, connections: Connections, { user, role }: Options): Promise<void> {
  await ensureSchema(config, connections)
  const { makeDomainDatabases } = await import('../databases.ts')
  const { accountByEmail } = await import('../domains/identity/queries/accounts.ts')
  const { administer, roleChange } = await import('../domains/administration/administering.ts')
  const log = makeLog({ level: config.logLevel, destination: { write: (line) => process.stderr.write(line) } })
  const databases = makeDomainDatabases({ connections, log })
  try {
    const account = await accountByEmail(databases.auth, user)
    if (!account) throw new Error(`Nobody has the address ${user}: the person registers first.`)
    await administer(databases.auth, { adminId: null, userId: account.userId }, roleChange(role))
  } finally {
    await databases.stop()
  }
}

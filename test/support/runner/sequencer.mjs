import { relative } from 'node:path'
import TestSequencer from '@jest/test-sequencer'

/** What takes longest, which Jest can know only on a machine where it ran before: begun last, one of them would be waited for alone. */
const slowest = [
  'test/matrix/one-wall.test.ts',
  'test/explorer/explorer.test.ts',
  'test/explorer/explorer-sessions.test.ts',
  'test/matrix/payloads.test.ts',
  'test/commands/serve.test.ts',
  'test/commands/doctor.test.ts',
  'test/commands/import.test.ts',
  'test/commands/migrate.test.ts',
  'test/domains/sharing/second-world.test.ts',
  'test/domains/surveys/calculations/calculations.test.ts',
  'test/kept-answers/changes.test.ts',
  'test/platform/database/embedded/server.test.ts',
]

/** Those first, all others in Jest's order. */
export default class SlowestFirst extends TestSequencer {
  async sort(tests) {
    const sorted = await super.sort([...tests])
    return sorted.toSorted((one, other) => placeOf(one) - placeOf(other))
  }
}

function placeOf({ path, context }) {
  const place = slowest.indexOf(relative(context.config.rootDir, path))
  return place === -1 ? slowest.length : place
}

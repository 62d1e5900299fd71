// Where the processor time of a profile went, by the steps that a request takes.
import { readFileSync } from 'node:fs'

/** What `node --cpu-prof` writes: times in microseconds of the machine's monotonic clock. */
interface Profile {
  readonly nodes: readonly ProfiledCall[]
  readonly startTime: number
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface ProfiledCall {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string }
  readonly children?: readonly number[]
}

/** The monotonic clock of this machine, in microseconds. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1_000n)
}

const answerText = "the answer's JSON"
const collecting = 'collecting garbage'
const system = 'the operating system, sockets most of all'
const rest = 'the rest'

/** Names of steps, in the order of the table, and the files whose code they are; the first that fits counts. */
const filesOfSteps: readonly (readonly [string, RegExp])[] = [
  [
    'log and metrics',
    /src\/platform\/(log|metrics)|src\/metrics|request-log|node_modules\/(pino|prom-client|sonic-boom|fast-redact)/,
  ],
  ['ids', /global-ids|named-ids/],
  [
    'to PostgreSQL and back (statements bound, rows read)',
    /src\/platform\/database|src\/databases|node_modules\/(pg|pg-[^/]+|kysely|postgres-[^/]+)\//,
  ],
  [
    'admission, cost, deadline',
    /src\/platform\/http\/(admission|authentication|budgets|deadline|arrivals|direct-requests)|src\/platform\/graphql\/(cost|limits|operation-checks|known-documents|document-demands|schema-rules|request-texts|caller|request-plugin|answered-errors|answer-errors)|proved-claims|node_modules\/jose/,
  ],
  [
    'executing the document',
    /src\/platform\/graphql|node_modules\/(graphql|graphql-jit|graphql-scalars|@graphql-tools|@apollo)\//,
  ],
  ['domains and loaders', /src\/(domains|loaders|context|resolvers|kept-fields|app|services)|node_modules\/dataloader/],
  [
    'Fastify and HTTP',
    /src\/platform\/http|node_modules\/(fastify|@fastify|@as-integrations|find-my-way|secure-json-parse|light-my-request|reusify|avvio)/,
  ],
]

/** The rows of a table of steps, in order. */
export const steps: readonly string[] = [...filesOfSteps.map(([step]) => step), answerText, collecting, system, rest]

/** What share of the processor time between two moments each step took. */
export function sharesOfSteps(file: string, from: number, to: number): Map<string, number> {
  const profile: Profile = JSON.parse(readFileSync(file, 'utf8'))
  const stepOf = stepsOfCalls(profile.nodes)
  const times = new Map<string, number>()
  let at = profile.startTime
  let all = 0
  for (const [index, id] of profile.samples.entries()) {
    const took = profile.timeDeltas[index + 1] ?? 0
    at += profile.timeDeltas[index] ?? 0
    const step = stepOf.get(id)
    if (step === undefined || at < from || at > to) continue
    times.set(step, (times.get(step) ?? 0) + took)
    all += took
  }
  return new Map([...times].map(([step, time]) => [step, time / all]))
}

/** Each call's step; what Node or V8 does itself counts for who called it. Nothing for being idle. */
function stepsOfCalls(nodes: readonly ProfiledCall[]): Map<number, string> {
  const calls = new Map(nodes.map((node) => [node.id, node]))
  const found = new Map<number, string>()
  const visit = (id: number, inherited: string) => {
    const call = calls.get(id)
    if (!call) return
    const step = stepOf(call.callFrame, inherited)
    if (step !== null) found.set(id, step)
    for (const child of call.children ?? []) visit(child, step ?? inherited)
  }
  const [root] = nodes
  if (root) visit(root.id, rest)
  return found
}

const systemCalls = /^(\(program\)|writev|write(Buffer|\w+String)|readStart|shutdown|epoll\w*)$/

function stepOf({ functionName, url }: ProfiledCall['callFrame'], inherited: string): string | null {
  if (functionName === '(idle)') return null
  if (functionName === '(garbage collector)') return collecting
  if (url === '' && systemCalls.test(functionName)) return system
  // JSON.stringify has no line of its own in a profile: it counts for the function that calls it.
  if (/direct-answers/.test(url) && functionName === 'textOf') return answerText
  if (/^node:_http/.test(url) && inherited === rest) return 'Fastify and HTTP'
  if (!url.startsWith('file:')) return inherited
  return filesOfSteps.find(([, files]) => files.test(url))?.[0] ?? rest
}

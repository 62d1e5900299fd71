import type { Measured } from './driver/load.ts'
import type { Workload } from './workloads/workload.ts'

/** The rounds of one server under one workload and concurrency. */
export interface Series {
  readonly workload: string
  readonly concurrency: number
  readonly server: string
  readonly rounds: readonly Measured[]
}

/** A server that cannot be asked a workload, and why. */
export interface Refusal {
  readonly workload: string
  readonly server: string
  readonly why: string
}

export interface Report {
  readonly at: string
  readonly machine: string
  readonly world: string
  readonly series: readonly Series[]
  readonly refusals: readonly Refusal[]
}

/** The middle one of the rounds, figure by figure. */
export function median(rounds: readonly Measured[]): Measured {
  const of = (pick: (round: Measured) => number) => {
    const sorted = rounds.map(pick).sort((a, b) => a - b)
    return sorted[Math.floor(sorted.length / 2)] ?? 0
  }
  return {
    requestsPerSecond: of((round) => round.requestsPerSecond),
    p50: of((round) => round.p50),
    p95: of((round) => round.p95),
    p99: of((round) => round.p99),
    serverCpu: of((round) => round.serverCpu),
    databaseCpu: of((round) => round.databaseCpu),
    statements: of((round) => round.statements),
    bytes: of((round) => round.bytes),
    errors: rounds.reduce((sum, { errors }) => sum + errors, 0),
  }
}

/** The share of the limit's throughput: the middle one of the rounds, each beside the limit's of the same round. */
export function shareOfLimit(report: Report, { workload, concurrency, rounds }: Series): number | null {
  const limit = seriesOf(report, workload, 'limit', concurrency)
  if (!limit) return null
  const shares = rounds.map(
    (round, at) => round.requestsPerSecond / (limit.rounds[at]?.requestsPerSecond ?? Number.NaN),
  )
  // A limit that answered nothing in time is no measure.
  const known = shares.filter(Number.isFinite).sort((a, b) => a - b)
  return known[Math.floor(known.length / 2)] ?? null
}

export function seriesOf(report: Report, workload: string, server: string, concurrency: number): Series | undefined {
  return report.series.find(
    (each) => each.workload === workload && each.server === server && each.concurrency === concurrency,
  )
}

/** The concurrency that the summary and the chart show: 16 where it was driven, as the goals are. */
export function shownConcurrency(report: Report): number {
  const all = [...new Set(report.series.map(({ concurrency }) => concurrency))]
  return all.includes(16) ? 16 : (all[0] ?? 1)
}

export function serversOf(report: Report): string[] {
  return [...new Set(report.series.map(({ server }) => server))]
}

/** One row per workload: the limit's requests a second, every server's share of it, and the goal. */
export function summary(report: Report, workloads: readonly Workload[]): string {
  const concurrency = shownConcurrency(report)
  const others = serversOf(report).filter((server) => server !== 'limit')
  const share = (workload: Workload, server: string) => {
    const series = seriesOf(report, workload.name, server, concurrency)
    return (series && shareOfLimit(report, series)?.toFixed(2)) ?? '-'
  }
  const rows = workloads.map((workload) => {
    const limit = seriesOf(report, workload.name, 'limit', concurrency)
    const perSecond = limit ? String(Math.round(median(limit.rounds).requestsPerSecond)) : '-'
    return [workload.title, perSecond, ...others.map((server) => share(workload, server)), workload.goal.toFixed(2)]
  })
  const titles = ['workload', 'limit, req/s', ...others, 'goal']
  const refused = report.refusals.map(({ server, workload, why }) => `- ${server} ${why}: ${workload}`)
  const table = [line(titles), line(titles.map((_, at) => (at === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')
  const head = `${report.at}, ${report.machine}; ${report.world}; ${concurrency} requests at once. Shares of the limit's requests a second.`
  return [head, table, ...(refused.length > 0 ? [refused.join('\n')] : [])].join('\n\n')
}

const heads = [
  'server',
  'req/s',
  'share',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'CPU us',
  'PostgreSQL us',
  'statements',
  'kB',
  'errors',
]

/** All figures as Markdown: a table per workload and concurrency. */
export function markdown(report: Report, workloads: readonly Workload[]): string {
  const tables = workloads.flatMap((workload) => {
    const series = report.series.filter((each) => each.workload === workload.name)
    const concurrencies = [...new Set(series.map((each) => each.concurrency))]
    return concurrencies.map((concurrency) => {
      const rows = series.filter((each) => each.concurrency === concurrency).map((each) => rowOf(report, each))
      const title = `### ${workload.title}, ${concurrency} at once (goal ${workload.goal.toFixed(2)})`
      return [title, '', line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
    })
  })
  return [`${report.at}, ${report.machine}; ${report.world}.`, ...tables].join('\n\n')
}

function rowOf(report: Report, series: Series): string[] {
  const { requestsPerSecond, p50, p95, p99, serverCpu, databaseCpu, statements, bytes, errors } = median(series.rounds)
  const share = shareOfLimit(report, series)
  const ms = (microseconds: number) => (microseconds / 1_000).toFixed(2)
  return [
    series.server,
    String(Math.round(requestsPerSecond)),
    share === null ? '' : share.toFixed(2),
    ms(p50),
    ms(p95),
    ms(p99),
    String(Math.round(serverCpu)),
    String(Math.round(databaseCpu)),
    statements.toFixed(1),
    (bytes / 1_000).toFixed(1),
    String(errors),
  ]
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

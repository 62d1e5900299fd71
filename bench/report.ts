import type { Measured } from './driver/load.ts'
import type { Workload } from './workloads/workload.ts'

/** The rounds of one server under one workload and concurrency. */
export interface Series {
  readonly workload: string
  readonly concurrency: number
  readonly server: string
  readonly rounds: readonly Measured[]
}

export interface Report {
  readonly at: string
  readonly machine: string
  readonly world: string
  readonly series: readonly Series[]
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

/** The share of the limit's throughput in the same rounds. */
export function shareOfLimit(report: Report, { workload, concurrency, rounds }: Series): number | null {
  const limit = report.series.find(
    (each) => each.server === 'limit' && each.workload === workload && each.concurrency === concurrency,
  )
  return limit ? median(rounds).requestsPerSecond / median(limit.rounds).requestsPerSecond : null
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

import { type Report, seriesOf, serversOf, shareOfLimit, shownConcurrency } from './report.ts'
import type { Workload } from './workloads/workload.ts'

const colours: Readonly<Record<string, string>> = {
  kitaab: '#0f766e',
  'kitaab-uncached': '#5eead4',
  postgraphile: '#2563eb',
  mercurius: '#d97706',
  apollo: '#7c3aed',
  'apollo-naive': '#9ca3af',
}
const left = 320
const width = 960
const bar = 14
const gap = 18

/** The shares of the limit as bars, a group per workload; a stroke stands at each goal. */
export function chart(report: Report, workloads: readonly Workload[]): string {
  const servers = serversOf(report).filter((server) => server !== 'limit')
  const group = servers.length * (bar + 2) + gap
  const height = 70 + workloads.length * group + 30
  const widest = Math.max(1, ...report.series.map((series) => shareOfLimit(report, series) ?? 0))
  const at = (share: number) => left + (share / widest) * (width - left - 60)
  const groups = workloads.map((workload, index) => groupOf(report, workload, servers, 70 + index * group, at))
  const bottom = height - 30
  const lines = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${at(share)}" x2="${at(share)}" y1="60" y2="${bottom}" stroke="#d1d5db"/>` +
      `<text x="${at(share)}" y="${bottom + 18}" text-anchor="middle" fill="#4b5563">${share}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">
<title>Share of the limit's requests a second</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="20" y="26" font-size="16" fill="#111827">Share of the limit's requests a second, ${shownConcurrency(report)} at once</text>
${legend(servers)}
${lines.join('\n')}
${groups.join('\n')}
</svg>
`
}

function legend(servers: readonly string[]): string {
  const entries = servers.map(
    (server, index) =>
      `<rect x="${20 + index * 120}" y="38" width="12" height="12" fill="${colourOf(server)}"/>` +
      `<text x="${37 + index * 120}" y="48" fill="#111827">${server}</text>`,
  )
  const after = 20 + servers.length * 120
  return `${entries.join('\n')}
<line x1="${after + 6}" x2="${after + 6}" y1="36" y2="52" stroke="#dc2626" stroke-width="3"/><text x="${after + 15}" y="48" fill="#111827">goal</text>`
}

function groupOf(
  report: Report,
  workload: Workload,
  servers: readonly string[],
  top: number,
  at: (share: number) => number,
): string {
  const bars = servers.map((server, index) => {
    const series = seriesOf(report, workload.name, server, shownConcurrency(report))
    const share = series && shareOfLimit(report, series)
    const y = top + index * (bar + 2)
    if (share === undefined || share === null)
      return `<text x="${at(0) + 4}" y="${y + 11}" fill="#6b7280">not asked</text>`
    return (
      `<rect x="${at(0)}" y="${y}" width="${at(share) - at(0)}" height="${bar}" fill="${colourOf(server)}"/>` +
      `<text x="${at(share) + 5}" y="${y + 11}" fill="#111827">${share.toFixed(2)}</text>`
    )
  })
  const bottom = top + servers.length * (bar + 2)
  const middle = (top + bottom) / 2 + 4
  const goal = at(workload.goal)
  return `<text x="${left - 12}" y="${middle}" text-anchor="end" fill="#111827">${workload.title}</text>
${bars.join('\n')}
<line x1="${goal}" x2="${goal}" y1="${top - 3}" y2="${bottom}" stroke="#dc2626" stroke-width="3"/>`
}

function colourOf(server: string): string {
  return colours[server] ?? '#374151'
}

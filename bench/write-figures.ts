import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { chart } from './chart.ts'
import { markdown, type Report, summary } from './report.ts'
import type { Workload } from './workloads/workload.ts'

/** Writes a run as JSON, Markdown and SVG into a folder and, where a page is given, its summary into the marked place there. */
export function writeFigures(folder: string, report: Report, workloads: readonly Workload[], page?: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'latest.json'), `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(path.join(folder, 'latest.md'), `${markdown(report, workloads)}\n`)
  writeFileSync(path.join(folder, 'latest.svg'), chart(report, workloads))
  if (page !== undefined) fillIn(page, 'figures', summary(report, workloads))
}

/** Puts text between the marks `<!-- NAME -->` and `<!-- /NAME -->` of a page. */
export function fillIn(page: string, name: string, text: string): void {
  const before = readFileSync(page, 'utf8')
  const marked = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`)
  if (!marked.test(before)) throw new Error(`${page} has no place marked "${name}".`)
  writeFileSync(
    page,
    before.replace(marked, (_, open, close) => `${open}${text}\n${close}`),
  )
}

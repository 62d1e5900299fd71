// `npm run check`: everything about the tree that can be said without running the service. Prints what fails, and exits 1.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { longFiles } from './long-files.ts'
import { rulesWithoutTest } from './rules-without-test.ts'

interface Outcome {
  ok: boolean
  output: string
}

function run(command: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (chunk: Buffer) => {
      output += chunk
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => resolve({ ok: false, output: `${command}: ${error.message}` }))
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}

/** dependency-cruiser calls an empty reading a success, so the modules are counted as well. */
async function importDirections(): Promise<Outcome> {
  const { output } = await run('depcruise', ['src', '--config', '.dependency-cruiser.mjs', '-T', 'json'])
  const json = output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)
  try {
    const { summary } = JSON.parse(json)
    const lines = summary.violations.map(
      (v: { rule: { name: string }; from: string; to: string; cycle?: { name: string }[] }) =>
        `${v.rule.name}: ${v.from} -> ${v.cycle ? v.cycle.map((step) => step.name).join(' -> ') : v.to}`,
    )
    if (summary.totalCruised < 20) lines.push(`only ${summary.totalCruised} modules were read: the reader is broken`)
    return { ok: lines.length === 0, output: lines.join('\n') }
  } catch {
    return { ok: false, output }
  }
}

async function migrationsAreSafe(): Promise<Outcome> {
  const files = ['db/migrations', 'db/migrations-postgis'].map((folder) => ups(folder))
  if (files.some(({ length }) => length === 0)) return { ok: false, output: 'no migration was found' }
  return run('squawk', files.flat())
}

function ups(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.up.sql'))
  return names.map((name) => `${folder}/${name}`)
}

async function everyRuleHasATest(): Promise<Outcome> {
  const missing = rulesWithoutTest()
  return { ok: missing.length === 0, output: missing.map((rule) => `no test begins with ${rule}`).join('\n') }
}

async function noFileIsLong(): Promise<Outcome> {
  const long = longFiles()
  return { ok: long.length === 0, output: long.join('\n') }
}

const steps: [string, () => Promise<Outcome>][] = [
  ['types', () => run('tsc', ['--noEmit'])],
  ['lint and format', () => run('biome', ['check', '--error-on-warnings'])],
  ['import directions', importDirections],
  ['migrations', migrationsAreSafe],
  ['rules have tests', everyRuleHasATest],
  ['length of files', noFileIsLong],
  ['generated code', () => run(process.execPath, ['scripts/generate.ts', '--check'])],
]

let failed = 0
for (const [name, step] of steps) {
  const { ok, output } = await step()
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`)
  if (ok) {
    // What could not be looked at is no fault, but it is said.
    for (const line of output.match(/^.*was not compared.*$/gm) ?? []) console.log(`       ${line}`)
    continue
  }
  failed++
  console.log(output.trim().replace(/^/gm, '       '))
}
process.exitCode = failed > 0 ? 1 : 0

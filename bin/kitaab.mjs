#!/usr/bin/env node
// Plain JavaScript that an old Node can read: it hands over to the Node that came with "npm ci", or says what is missing.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const inProject = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const wanted = /\d+\.\d+/.exec(JSON.parse(readFileSync(inProject('package.json'), 'utf8')).engines.node)[0]
const [major, minor] = wanted.split('.').map(Number)
const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number)
const packaged = inProject('node_modules/node/bin/node')

if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) {
  // What Node makes of the sources is kept for the next start; where nothing can be written, nothing is.
  module.enableCompileCache(inProject('node_modules/.cache/kitaab'))
  await import(inProject('src/main.ts'))
} else if (existsSync(packaged)) {
  handOver(packaged)
} else if (existsSync(inProject('node_modules'))) {
  console.error(
    `Kitaab needs Node.js ${wanted} or later, this is ${process.versions.node}: run "npm rebuild --ignore-scripts=false".`,
  )
  process.exitCode = 1
} else {
  console.error('Kitaab is not installed yet: run "npm ci".')
  process.exitCode = 1
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C on a terminal reaches the child by itself; it is the child that ends this process.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGTERM')
  })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGTERM' ? 143 : 1)
  })
}

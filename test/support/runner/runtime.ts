// How Jest loads modules: by Node's own loader, which keeps them, and what has been compiled of them, from one test file to the next. Jest's
// own runtime links and compiles some thousand modules anew for each file, which takes longer than most files' tests.
import { createRequire, registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ModuleMocker } from 'jest-mock'
import type ProcessEnvironment from './environment.ts'
import { type Globals, setGlobals } from './globals.ts'

const require = createRequire(import.meta.url)
const testsUrl = new URL('../../', import.meta.url).href
const applicationUrl = new URL('../../../src/', import.meta.url).href
const runnerUrl = new URL('./', import.meta.url).href
const globalsUrl = new URL('./globals.ts', import.meta.url).href

/** How many test files this process has begun. */
let begun = 0
/** Begin the addresses of the modules that the file at hand has for itself. */
let ownUrls: readonly string[] = []

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@jest/globals') return { url: globalsUrl, shortCircuit: true }
    const found = next(specifier, context)
    const isOwn = ownUrls.some((url) => found.url.startsWith(url)) && !found.url.startsWith(runnerUrl)
    return isOwn ? { ...found, url: inFileAtHand(found.url) } : found
  },
})

const inFileAtHand = (url: string) => (url.includes('?') ? url : `${url}?file=${begun}`)

// The programs that tests start find what Node made of the sources before, as `bin/kitaab.mjs` does.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../../node_modules/.cache/kitaab', import.meta.url))

const timeoutSymbol = Symbol.for('TEST_TIMEOUT_SYMBOL')
const handlersSymbol = Symbol.for('EVENT_HANDLERS')
const settings = globalThis as Record<symbol, unknown>

/** Jest makes one for each test file. Coverage is not collected: that of Node (`NODE_V8_COVERAGE`) is. */
export default class NodeRuntime {
  /** The tests' own modules are loaded anew for each test file, so that only this one has their state; all others if it wants that. */
  constructor(_config: unknown, { wantsFreshModules }: ProcessEnvironment) {
    begun += 1
    ownUrls = wantsFreshModules ? [testsUrl, applicationUrl] : [testsUrl]
  }

  /** jest-circus, anew: it keeps the tests of a file in itself, and what listens to them in `globalThis`. */
  requireInternalModule(path: string): unknown {
    delete settings[handlersSymbol]
    delete require.cache[path]
    return require(path)
  }

  requireModule(path: string): unknown {
    return require(path)
  }

  unstable_shouldLoadAsEsm(): boolean {
    return true
  }

  unstable_importModule(path: string): Promise<unknown> {
    return import(inFileAtHand(pathToFileURL(path).href))
  }

  setGlobalsForRuntime(globals: Omit<Globals, 'jest'>): void {
    const mocker = new ModuleMocker(globalThis)
    const setTimeout = (milliseconds: number) => {
      settings[timeoutSymbol] = milliseconds
    }
    const jest = { fn: mocker.fn.bind(mocker), spyOn: mocker.spyOn.bind(mocker), setTimeout }
    setGlobals({ ...globals, jest } as Globals)
  }

  teardown(): void {
    delete settings[timeoutSymbol]
  }

  enterTestCode(): void {}

  leaveTestCode(): void {}

  getSourceMaps(): null {
    return null
  }

  getAllCoverageInfoCopy(): null {
    return null
  }
}

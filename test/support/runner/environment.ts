/** Jest's environment of a test file: the process itself. What a file does to the variables of the process ends with it. */
export default class ProcessEnvironment {
  readonly global = globalThis
  /** Whether the file asks, by a first line with `@fresh-modules`, that the application's modules are loaded anew for it. */
  readonly wantsFreshModules: boolean
  readonly #variables = { ...process.env }
  readonly #exit = process.exit

  constructor(_config: unknown, { docblockPragmas }: { docblockPragmas: Record<string, unknown> }) {
    const { 'fresh-modules': freshModules, ...unknown } = docblockPragmas
    const names = Object.keys(unknown).filter((name) => name !== '')
    if (names.length > 0) throw new Error(`A test file may begin with @fresh-modules, not with @${names.join(', @')}.`)
    this.wantsFreshModules = freshModules !== undefined
  }

  async setup(): Promise<void> {
    // Jest looks every frame up in maps of sources, which Node needs none of, and keeps a hundred.
    Reflect.deleteProperty(Error, 'prepareStackTrace')
    Error.stackTraceLimit = 20
  }

  async teardown(): Promise<void> {
    // Jest wraps it anew for each file.
    process.exit = this.#exit
    for (const name of Object.keys(process.env)) if (!(name in this.#variables)) delete process.env[name]
    Object.assign(process.env, this.#variables)
  }

  exportConditions(): string[] {
    return ['node', 'node-addons']
  }

  /** There is none: Jest asks only whether this can be asked. */
  getVmContext(): null {
    return null
  }
}

// Which file of queries a statement comes from: known where it is written, from who calls the compiler.
import { globSync, readFileSync } from 'node:fs'
import { afterAll } from '@jest/globals'
import { PostgresQueryCompiler } from 'kysely'

const queriesFile = /(?<=src\/domains\/)[\w-]+\/queries(?:\/[\w/-]+)?(?=\.ts)/g
const namesOwner =
  /(?:user_id|owner_id|viewer_id|requester_id|requestee_id)["'`}]*,?\s*'?(?:=(?!>)|<>)|\b(?:pairsIn|tuplesIn|idsIn)\(/

/** The files of queries, `deeds/queries/trees`, that hold a condition on an owner or a viewer. */
export const filesWithConditions = (): string[] =>
  globSync(['src/domains/*/queries.ts', 'src/domains/*/queries/**/*.ts'])
    .filter((file) => namesOwner.test(readFileSync(file, 'utf8')))
    .map((file) => file.replace(/^src\/domains\/|\.ts$/g, ''))
    .sort()

interface Compiler {
  compileQuery: (...query: unknown[]) => { readonly sql: string }
}

/** From now on until the end of the test file, by the text of a statement, the files that had a part in writing it. */
export function noteFiles(): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, readonly string[]>()
  const prototype = PostgresQueryCompiler.prototype as unknown as Compiler
  const compile = prototype.compileQuery
  prototype.compileQuery = function (...query) {
    const compiled = compile.apply(this, query)
    if (!files.has(compiled.sql)) files.set(compiled.sql, callers())
    return compiled
  }
  afterAll(() => {
    prototype.compileQuery = compile
  })
  return files
}

function callers(): string[] {
  const depth = Error.stackTraceLimit
  Error.stackTraceLimit = 60
  const { stack = '' } = new Error()
  Error.stackTraceLimit = depth
  return [...new Set(stack.match(queriesFile) ?? [])]
}

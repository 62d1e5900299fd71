import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const require = createRequire(import.meta.url)

/** A file of a package that exports its package.json. */
export function ofPackage(name: string, file: string): string {
  return path.join(path.dirname(require.resolve(`${name}/package.json`)), file)
}

/** All files of a folder, each under its own name. */
export function filesIn(folder: string): (readonly [name: string, file: string])[] {
  return fs.readdirSync(folder).map((name) => [name, path.join(folder, name)] as const)
}

/** What every page of somebody who signs in loads: React, and what is in `page/`. */
export const signedInAssets: readonly (readonly [name: string, file: string])[] = [
  ['react.js', ofPackage('react', 'umd/react.production.min.js')],
  ['react-dom.js', ofPackage('react-dom', 'umd/react-dom.production.min.js')],
  ...filesIn(path.join(import.meta.dirname, 'page')),
]

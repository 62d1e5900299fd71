import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { type Assets, readAssets } from '../page-assets.ts'

const require = createRequire(import.meta.url)
const ofPackage = (name: string, file: string) => path.join(path.dirname(require.resolve(`${name}/package.json`)), file)
const ofPage = (file: string) => path.join(import.meta.dirname, 'page', file)

/** Reads all that the explorer's page loads, some 1.5 MB. */
export function readExplorerAssets(): Assets {
  return readAssets([
    ['react.js', ofPackage('react', 'umd/react.production.min.js')],
    ['react-dom.js', ofPackage('react-dom', 'umd/react-dom.production.min.js')],
    ['graphiql.js', ofPackage('graphiql', 'graphiql.min.js')],
    ['graphiql.css', ofPackage('graphiql', 'graphiql.min.css')],
    // This package does not export its package.json.
    ['query-builder.js', path.join(path.dirname(require.resolve('@graphiql/plugin-explorer')), 'index.umd.js')],
    ['query-builder.css', path.join(path.dirname(require.resolve('@graphiql/plugin-explorer')), 'style.css')],
    ...fs.readdirSync(ofPage('')).map((file) => [file, ofPage(file)] as const),
  ])
}

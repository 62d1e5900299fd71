import { createRequire } from 'node:module'
import path from 'node:path'
import { type Assets, readAssets } from '../page-assets.ts'
import { filesIn, ofPackage, signedInAssets } from '../signed-in-page/assets.ts'

// This package does not export its package.json.
const queryBuilder = path.dirname(createRequire(import.meta.url).resolve('@graphiql/plugin-explorer'))

/** Reads all that the explorer's page loads, some 1.5 MB. */
export function readExplorerAssets(): Assets {
  return readAssets([
    ...signedInAssets,
    ['graphiql.js', ofPackage('graphiql', 'graphiql.min.js')],
    ['graphiql.css', ofPackage('graphiql', 'graphiql.min.css')],
    ['query-builder.js', path.join(queryBuilder, 'index.umd.js')],
    ['query-builder.css', path.join(queryBuilder, 'style.css')],
    ...filesIn(path.join(import.meta.dirname, 'page')),
  ])
}

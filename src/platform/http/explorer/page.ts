import { renderSignedInPage, type SignInSettings } from '../signed-in-page/render.ts'
import type { ReadyQueries } from './ready-queries.ts'

export interface ExplorerSettings extends SignInSettings {
  readonly readyQueries: ReadyQueries
}

/** The explorer's page. `assetsPath` ends without a slash; `nonce` is new for every answer. */
export function renderExplorer(settings: ExplorerSettings, assetsPath: string, nonce: string): string {
  const page = {
    title: 'Kitaab explorer',
    starting: 'Opening the book ...',
    withoutScripts: `The explorer needs JavaScript. The API answers at ${settings.graphqlPath} without it.`,
    styles: ['graphiql.css', 'query-builder.css', 'explorer.css'],
    scripts: ['graphiql.js', 'query-builder.js'],
    settings,
  }
  return renderSignedInPage(page, assetsPath, nonce)
}

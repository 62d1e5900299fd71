import type { ReadyQueries } from './ready-queries.ts'

/** Somebody whom anyone at this machine may be. */
export interface DemoPerson {
  readonly name: string
  readonly about: string
  readonly email: string
  readonly password: string
}

export interface PageSettings {
  readonly graphqlPath: string
  readonly exportPath: string
  readonly sessionPath: string
  readonly readyQueries: ReadyQueries
  /** Empty where there is no demo world. */
  readonly people: readonly DemoPerson[]
  /** Whether a link with a code signs in here. */
  readonly acceptsCode: boolean
}

const styles = ['graphiql.css', 'query-builder.css', 'explorer.css']
// The order matters: each of these plain scripts makes a global that the next one uses.
const scripts = ['react.js', 'react-dom.js', 'graphiql.js', 'query-builder.js']

/** The page. `assetsPath` ends without a slash; `nonce` is new for every answer. */
export function renderPage(settings: PageSettings, assetsPath: string, nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Kitaab explorer</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" type="image/svg+xml" href="${assetsPath}/favicon.svg">
${styles.map((file) => `<link rel="stylesheet" href="${assetsPath}/${file}">`).join('\n')}
</head>
<body>
<div id="explorer"><p class="starting">Opening the book ...</p></div>
<noscript><p class="starting">The explorer needs JavaScript. The API answers at ${settings.graphqlPath} without it.</p></noscript>
<script type="application/json" id="settings">${inScript(settings)}</script>
${scripts.map((file) => `<script nonce="${nonce}" src="${assetsPath}/${file}"></script>`).join('\n')}
<script nonce="${nonce}" type="module" src="${assetsPath}/main.js"></script>
</body>
</html>
`
}

/** JSON that cannot end its script element. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}

/** Somebody whom anyone at this machine may be. */
export interface DemoPerson {
  readonly name: string
  readonly about: string
  readonly email: string
  readonly password: string
}

/** What a page is told so that somebody can sign in. */
export interface SignInSettings {
  readonly graphqlPath: string
  readonly exportPath: string
  readonly sessionPath: string
  /** Empty where there is no demo world. */
  readonly people: readonly DemoPerson[]
  /** Whether a link with a code signs in here. */
  readonly acceptsCode: boolean
}

export interface SignedInPage {
  readonly title: string
  readonly starting: string
  /** For whoever has no JavaScript. */
  readonly withoutScripts: string
  /** In order; `page.css` comes last. */
  readonly styles: readonly string[]
  /** Plain scripts, in order: each makes a global that the next one uses. `main.js` comes last, as a module. */
  readonly scripts: readonly string[]
  readonly settings: SignInSettings
}

/** The page. `assetsPath` ends without a slash; `nonce` is new for every answer. */
export function renderSignedInPage(page: SignedInPage, assetsPath: string, nonce: string): string {
  const style = (file: string) => `<link rel="stylesheet" href="${assetsPath}/${file}">`
  const script = (file: string) => `<script nonce="${nonce}" src="${assetsPath}/${file}"></script>`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${page.title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" type="image/svg+xml" href="${assetsPath}/favicon.svg">
${[...page.styles, 'page.css'].map(style).join('\n')}
</head>
<body>
<div id="page"><p class="starting">${page.starting}</p></div>
<noscript><p class="starting">${page.withoutScripts}</p></noscript>
<script type="application/json" id="settings">${inScript(page.settings)}</script>
${['react.js', 'react-dom.js', ...page.scripts].map(script).join('\n')}
<script nonce="${nonce}" type="module" src="${assetsPath}/main.js"></script>
</body>
</html>
`
}

/** JSON that cannot end its script element. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}

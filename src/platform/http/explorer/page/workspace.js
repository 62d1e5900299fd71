// GraphiQL with the ready queries, for whoever is signed in.

import { DownloadMenu } from './download.js'
import { ReadyQueriesContext, RunFirstTab, readyQueriesPlugin } from './ready-queries-pane.js'
import { newStorage } from './storage.js'
import { titleTabs } from './tab-titles.js'

// By this name GraphiQL's dialogs look for the nonce of the style element with which they hide the page's scroll bar.
globalThis.__webpack_nonce__ = document.querySelector('script[nonce]').nonce

/** Its own title is that of this page. */
const queryBuilder = { title: 'Query builder' }

const { createElement: h, useEffect, useMemo, useRef } = React

/**
 * @param {{ session: { request: (body: object, headers?: object) => Promise<object>, download: (body: object) => Promise<Response> }, offered: object[] }} props
 */
export function Workspace({ session, offered }) {
  const root = useRef(null)
  useEffect(() => titleTabs(root.current, new Map(offered.map(({ name, title }) => [name, title]))), [offered])
  const properties = useMemo(() => graphiqlProperties(session, offered), [session, offered])
  const children = [
    // Their place in GraphiQL is all that is wanted: the page has a head of its own.
    h(GraphiQL.Logo, { key: 'logo' }, h(RunFirstTab)),
  ]
  return h(
    'main',
    { ref: root },
    h(ReadyQueriesContext.Provider, { value: { offered } }, h(GraphiQL, properties, ...children)),
  )
}

function graphiqlProperties({ request, download }, offered) {
  return {
    fetcher: makeFetcher(request, offered),
    storage: newStorage(),
    defaultTabs: offered.filter(({ isTab }) => isTab).map(asTab),
    // For a tab that a person adds.
    defaultQuery:
      '# Ctrl-Space completes; the book at the left explains every field.\nquery {\n  me {\n    user {\n      fullName\n    }\n  }\n}\n',
    defaultEditorToolsVisibility: 'variables',
    isHeadersEditorEnabled: true,
    toolbar: { additionalContent: h(DownloadMenu, { download }) },
    shouldPersistHeaders: false,
    showPersistHeadersSettings: false,
    plugins: [
      readyQueriesPlugin,
      { ...GraphiQLPluginExplorer.explorerPlugin(queryBuilder), title: queryBuilder.title },
    ],
  }
}

function asTab({ document, variables }) {
  return { query: document, variables, headers: null }
}

/** A ready query without what it is about is not sent: the service could only name the variable. */
function whatIsMissing(offered, query, variables) {
  const values = Object.values(variables ?? {})
  const readyQuery = offered.find(({ name, missing }) => missing.length > 0 && new RegExp(`\\b${name}\\b`).test(query))
  return readyQuery && (values.length === 0 || values.includes(null)) ? readyQuery.missing.join(' ') : null
}

function makeFetcher(request, offered) {
  return async ({ query, variables, operationName }, options) => {
    const missing = whatIsMissing(offered, query, variables)
    if (missing !== null) return { errors: [{ message: missing }] }
    // Right after a change of tabs GraphiQL still names the operation of the one before.
    const named = operationName && new RegExp(`\\b${operationName}\\b`).test(query) ? { operationName } : {}
    try {
      return await request({ query, variables, ...named }, options?.headers ?? {})
    } catch (error) {
      return {
        errors: [
          { message: error instanceof TypeError ? 'Kitaab does not answer. Is it still running?' : error.message },
        ],
      }
    }
  }
}

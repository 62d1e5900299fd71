// GraphiQL with the ready queries, for whoever is signed in.

import { DownloadMenu } from './download.js'
import { ShowOpenTab } from './open-tab.js'
import { ReadyQueriesContext, RunFirstTab, readyQueriesPlugin } from './ready-queries-pane.js'
import { newStorage } from './storage.js'
import { titleTabs } from './tab-titles.js'

// By this name GraphiQL's dialogs look for the nonce of the style element with which they hide the page's scroll bar.
globalThis.__webpack_nonce__ = document.querySelector('script[nonce]').nonce

/** Its own title is that of this page. */
const queryBuilder = { title: 'Query builder' }

const { createElement: h, useEffect, useMemo, useRef, useState } = React

/**
 * `askAgain` answers what is offered after the person changed something.
 * @param {{ session: { request: (body: object, headers?: object) => Promise<object>, download: (body: object) => Promise<Response> },
 *   offered: object[], askAgain: () => Promise<object[]> }} props
 */
export function Workspace({ session, offered: offeredAtFirst, askAgain }) {
  const root = useRef(null)
  const [offered, setOffered] = useState(offeredAtFirst)
  const latest = useRef(offered)
  const titles = useMemo(() => new Map(offeredAtFirst.map(({ name, title }) => [name, title])), [offeredAtFirst])
  useEffect(() => titleTabs(root.current, titles), [titles])
  useEffect(searchDocsByKey, [])
  const filled = useMemo(
    () => new Map(offeredAtFirst.map(({ name, variables }) => [name, variables])),
    [offeredAtFirst],
  )
  // GraphiQL asks for the schema anew when its fetcher is another one: these stay the same.
  const properties = useMemo(() => {
    const renew = async () => {
      // Without an answer the ids of before are as good as any.
      latest.current = await askAgain().catch(() => latest.current)
      setOffered(latest.current)
      return latest.current
    }
    const fetcher = makeFetcher(session.request, { offered: () => latest.current, renew })
    return graphiqlProperties(session, offeredAtFirst, fetcher)
  }, [session, offeredAtFirst, askAgain])
  // Their place in GraphiQL is all that is wanted: the page has a head of its own.
  const children = [h(GraphiQL.Logo, { key: 'logo' }, h(RunFirstTab), h(ShowOpenTab))]
  return h(
    'main',
    { ref: root },
    h(ReadyQueriesContext.Provider, { value: { offered, filled } }, h(GraphiQL, properties, ...children)),
  )
}

/** GraphiQL promises Ctrl-K where there is no Command key, and listens to that alone. */
function searchDocsByKey() {
  const onKey = (event) => {
    if (!event.ctrlKey || event.key !== 'k') return
    const field = document.querySelector('.graphiql-doc-explorer-search input')
    if (field === null) return
    // Some browsers take it for their own search.
    event.preventDefault()
    field.focus()
  }
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}

function graphiqlProperties({ download }, offered, fetcher) {
  return {
    fetcher,
    storage: newStorage(),
    // What the docs begin with.
    schemaDescription: true,
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
  const readyQuery = offered.find(({ name }) => new RegExp(`\\b${name}\\b`).test(query))
  if (!readyQuery) return null
  const { title, missing } = readyQuery
  const values = Object.values(variables ?? {})
  if (missing.length > 0) return values.length === 0 || values.includes(null) ? missing.join(' ') : null
  const isThereNow = Object.entries(JSON.parse(readyQuery.variables)).some(
    ([variable, value]) => value !== null && variables?.[variable] === null,
  )
  return isThereNow ? `Choose "${title}" in the list of ready queries once more: it fills the variables in now.` : null
}

/** What the service would not understand, or the browser would not send. */
function whatCannotBeSent(query, headers) {
  if (query.replaceAll(/#.*/g, '').trim() === '')
    return 'There is nothing to run: write a query, or choose one from the list of ready queries.'
  return canBeSent(headers) ? null : 'A header can’t be sent: its name has no spaces, and its value is on one line.'
}

function canBeSent(headers) {
  try {
    return new Headers(headers) !== null
  } catch {
    return false
  }
}

/** `renew` asks again what is offered: after the person wrote something, and where something was missing that others may have given meanwhile. */
function makeFetcher(request, { offered, renew }) {
  return async ({ query, variables, operationName }, options) => {
    const problem = whatCannotBeSent(query, options?.headers ?? {})
    if (problem !== null) return { errors: [{ message: problem }] }
    if (whatIsMissing(offered(), query, variables) !== null)
      return { errors: [{ message: whatIsMissing(await renew(), query, variables) }] }
    // Right after a change of tabs GraphiQL still names the operation of the one before.
    const named = operationName && new RegExp(`\\b${operationName}\\b`).test(query) ? { operationName } : {}
    try {
      const answer = await request({ query, variables, ...named }, options?.headers ?? {})
      if (/^\s*mutation\b/m.test(query)) renew()
      return answer
    } catch (error) {
      return {
        errors: [
          { message: error instanceof TypeError ? 'Kitaab does not answer. Is it still running?' : error.message },
        ],
      }
    }
  }
}

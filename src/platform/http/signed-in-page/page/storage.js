// Where GraphiQL keeps what it keeps. Tabs, and the history of what was run, hold ids and texts of the person's, so they live as long as the
// session in this browser tab; tastes (theme, sizes of panes) stay in the browser.

const ofSession = new Set(['tabState', 'query', 'variables', 'headers', 'operationName', 'queries', 'favorites'])
const prefix = 'graphiql:'
const openPane = 'graphiql:visiblePlugin'
/** What holds until the person chooses: the pane beside the editor that is open, and how wide it is beside the rest. */
const tastes = { [openPane]: 'Ready queries', 'graphiql:docExplorerFlex': '0.25' }
const placeOf = (key) => (ofSession.has(key.slice(prefix.length)) ? sessionStorage : localStorage)

/** The editor that is open, until its tabs are forgotten: it writes some of them a moment later, and then must not. */
let open = { isForgotten: false }

/** For the `storage` of one GraphiQL. */
export function newStorage() {
  const editor = { isForgotten: false }
  open = editor
  return {
    getItem: (key) => placeOf(key).getItem(key) ?? tastes[key] ?? null,
    setItem(key, value) {
      const place = placeOf(key)
      if (place === localStorage || !editor.isForgotten) place.setItem(key, value)
    },
    removeItem: (key) => (key === openPane ? localStorage.setItem(key, 'closed') : placeOf(key).removeItem(key)),
    clear() {
      removeTabs()
      for (const key of Object.keys(localStorage).filter((key) => key.startsWith(prefix))) localStorage.removeItem(key)
    },
    get length() {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix)).length
    },
  }
}

/** The next GraphiQL begins with the ready queries, and knows nothing of whoever was here; an older page kept some of it for good. */
export function forgetTabs() {
  open.isForgotten = true
  removeTabs()
}

function removeTabs() {
  for (const name of ofSession) {
    sessionStorage.removeItem(prefix + name)
    localStorage.removeItem(prefix + name)
  }
}

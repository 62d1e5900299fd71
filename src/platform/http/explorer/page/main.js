// The explorer: signs in by the code of the printed link, by the session of this browser tab, or by a form, then shows GraphiQL.

import { Head } from './head.js'
import { valueAt, variablesFor } from './paths.js'
import { makeSession, Refused, SignedOut } from './session.js'
import { SignIn } from './sign-in.js'
import { forgetTabs } from './storage.js'
import { Workspace } from './workspace.js'

const { createElement: h, useCallback, useEffect, useMemo, useState } = React
const settings = JSON.parse(document.getElementById('settings').textContent)
const assets = new URL('.', import.meta.url).pathname.slice(0, -1)
const { graphqlPath, exportPath, sessionPath, people, acceptsCode, readyQueries } = settings

function Explorer() {
  // `phase` is starting, out or in; `visit` counts sign-ins, so that each begins with an editor of its own.
  const [state, setState] = useState({ phase: 'starting', notice: null, visit: 0, person: null, offered: [] })
  const leave = useCallback((notice) => setState((before) => ({ ...before, phase: 'out', notice, person: null })), [])
  const session = useMemo(
    () => makeSession({ graphqlPath, exportPath, sessionPath, documents: readyQueries.page }, leave),
    [leave],
  )
  const enter = useCallback(async () => {
    const found = await whoIsThere(session)
    setState((before) => ({ ...before, ...found, phase: 'in', notice: null, visit: before.visit + 1 }))
  }, [session])
  useStart(session, enter, leave)

  const signIn = async (email, password) => {
    await session.signIn(email, password)
    forgetTabs()
    await enter()
  }
  const become = (person) => signIn(person.email, person.password).catch((error) => leave(error.message))
  const signOut = async () => {
    await session.signOut()
    leave('You are signed out.')
  }
  // Whatever made the person leave.
  useEffect(() => {
    if (state.phase === 'out') forgetTabs()
  }, [state.phase])
  const { phase, notice, visit, person, offered } = state
  return h(
    React.Fragment,
    null,
    h(Head, { assets, person, people, become, signOut }),
    phase === 'starting' && h('p', { className: 'starting' }, 'Opening the book ...'),
    phase === 'out' && h(SignIn, { notice, people, signIn }),
    phase === 'in' && h(Workspace, { key: visit, session, offered }),
  )
}

/** Signs in when the page opens, and when a link with a code is opened in its place. */
function useStart(session, enter, leave) {
  useEffect(() => {
    const start = async () => {
      const problem = await exchangeCode(session)
      if (!session.isSignedIn()) return leave(problem)
      try {
        await enter()
      } catch (error) {
        if (!(error instanceof SignedOut))
          leave(error instanceof Refused ? error.message : 'Kitaab does not answer. Is it still running?')
      }
    }
    const onHash = () => location.hash.startsWith('#code=') && start()
    addEventListener('hashchange', onHash)
    start()
    return () => removeEventListener('hashchange', onHash)
  }, [session, enter, leave])
}

/** Uses the code in the address, if there is one. Answers what to tell the person when it did not sign in. */
async function exchangeCode(session) {
  const code = new URLSearchParams(location.hash.slice(1)).get('code')
  if (code === null) return null
  // So that the code is in no bookmark and no history, and a reload does not send it again.
  history.replaceState(null, '', location.pathname)
  if (!acceptsCode) return 'A link signs in only in the demo world. Sign in here.'
  try {
    await session.exchange(code)
    forgetTabs()
    return null
  } catch (error) {
    return `${error instanceof Refused ? error.message : 'Kitaab does not answer.'} Sign in here, or restart Kitaab for a new link.`
  }
}

/** Who is signed in, and the ready queries with the ids of what is theirs. */
async function whoIsThere(session) {
  const { signedIn } = readyQueries.page
  const answer = await session.request({ query: signedIn.document, operationName: signedIn.name })
  if (answer.data == null) throw new Refused(answer.errors?.[0]?.message ?? 'The server did not say why.')
  const found = { ...answer.data, demo: people.find(({ email }) => email === answer.data.me.email) }
  const at = (name) => valueAt(found, signedIn.variables[name])
  const role = at('role')
  // Those of the person's office come first.
  const readyQueriesOfRole = readyQueries.all.filter((readyQuery) => readyQuery.role === role)
  const offered = [...readyQueriesOfRole, ...readyQueries.all.filter((readyQuery) => readyQuery.role === null)]
  const filled = offered.map((readyQuery) => {
    const { values, missing } = variablesFor(readyQuery, found)
    return { ...readyQuery, variables: JSON.stringify(values, null, 2), missing }
  })
  return { person: { name: at('name'), place: at('place'), day: at('day') }, offered: filled }
}

ReactDOM.createRoot(document.getElementById('explorer')).render(h(Explorer))

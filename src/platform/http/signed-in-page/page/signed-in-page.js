// A page of somebody: signs in by the code of the printed link, by the session of this browser tab, or by a form, then shows its content.

import { Head } from './head.js'
import { exchangeCode } from './link-code.js'
import { makeSession, Refused, SignedOut } from './session.js'
import { SignIn } from './sign-in.js'
import { forgetTabs } from './storage.js'

const { createElement: h, useCallback, useEffect, useMemo, useState } = React

/**
 * `enter` asks who is signed in, and for what the page shows of theirs; `Content` gets what it answers, and the session. Each sign-in is
 * a new visit, with content of its own.
 * @param {{ settings: { graphqlPath: string, exportPath: string, sessionPath: string, people: object[], acceptsCode: boolean,
 *   documents: { logIn: string, refreshSession: string, logOut: string } }, assets: string,
 *   enter: (session: object) => Promise<{ person: object }>, Content: Function }} props
 */
export function SignedInPage({ settings, assets, enter, Content }) {
  // `phase` is starting, out or in; `visit` counts sign-ins.
  const [state, setState] = useState({ phase: 'starting', notice: null, visit: 0, found: null })
  const leave = useCallback((notice) => setState((before) => ({ ...before, phase: 'out', notice, found: null })), [])
  const session = useMemo(() => makeSession(settings, leave), [settings, leave])
  const visit = useCallback(async () => {
    const found = await enter(session)
    setState((before) => ({ phase: 'in', notice: null, visit: before.visit + 1, found }))
  }, [session, enter])
  useStart(session, settings.acceptsCode, visit, leave)

  const signIn = async (email, password) => {
    await session.signIn(email, password)
    forgetTabs()
    await visit()
  }
  const become = async (person) => {
    const tell = (notice) => setState((before) => ({ ...before, notice }))
    tell(null)
    try {
      await session.signIn(person.email, person.password)
    } catch (error) {
      // Who was signed in still is.
      return tell(reasonOf(error))
    }
    forgetTabs()
    await visit().catch((error) => leave(reasonOf(error)))
  }
  const signOut = async () => {
    await session.signOut()
    leave('You are signed out.')
  }
  // Whatever made the person leave.
  useEffect(() => {
    if (state.phase === 'out') forgetTabs()
  }, [state.phase])
  const { phase, notice, found } = state
  const { people, graphqlPath } = settings
  const pageBeside = (name) => graphqlPath.replace(/[^/]*$/, name)
  return h(
    React.Fragment,
    null,
    h(Head, { assets, person: found?.person ?? null, notice: phase === 'in' ? notice : null, people, become, signOut }),
    phase === 'starting' && h('p', { className: 'starting' }, 'Opening the book ...'),
    phase === 'out' && h(SignIn, { notice, people, pageBeside, signIn }),
    phase === 'in' && h(Content, { key: state.visit, session, ...found }),
  )
}

/** What to tell a person whom the server refused, or who got no answer. */
function reasonOf(error) {
  return error instanceof Refused ? error.message : 'Kitaab does not answer. Is it still running?'
}

/** Signs in when the page opens, and when a link with a code is opened in its place. */
function useStart(session, acceptsCode, visit, leave) {
  useEffect(() => {
    const start = async () => {
      const problem = await exchangeCode(session, acceptsCode)
      if (!session.isSignedIn()) return leave(problem)
      try {
        await visit()
      } catch (error) {
        if (!(error instanceof SignedOut)) leave(reasonOf(error))
      }
    }
    const onHash = () => location.hash.startsWith('#code=') && start()
    addEventListener('hashchange', onHash)
    start()
    return () => removeEventListener('hashchange', onHash)
  }, [session, acceptsCode, visit, leave])
}

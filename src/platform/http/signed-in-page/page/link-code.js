// The code of the printed link, which signs in once.

import { Refused } from './session.js'
import { forgetTabs } from './storage.js'

/** Uses the code in the address, if there is one. Answers what to tell the person when it did not sign in. */
export async function exchangeCode(session, acceptsCode) {
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

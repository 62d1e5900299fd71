// Who is signed in, in this browser tab: the tokens, and requests that carry them.

const storageKey = 'kitaab:session'
/** An access token that ends this soon is renewed before it is sent. */
const marginMs = 20_000

/** The session is over; the person was told. */
export class SignedOut extends Error {}

/** The server said no; `message` is its own. */
export class Refused extends Error {}

/**
 * @param {{ graphqlPath: string, exportPath: string, sessionPath: string, documents: { logIn: string, refreshSession: string, logOut: string } }} settings
 * @param {(message: string) => void} onEnd told when a session ends that the person did not end
 */
export function makeSession({ graphqlPath, exportPath, sessionPath, documents }, onEnd) {
  const tokens = keptTokens()
  const send = makeSender(graphqlPath, tokens)
  const renew = once(() => renewTokens(tokens, send, documents.refreshSession, onEnd))

  return {
    isSignedIn: () => tokens.get() !== null,

    /** Sends a GraphQL request as whoever is signed in, with a fresh access token. Throws `SignedOut` when there is none any more. */
    async request(body, headers) {
      if (endsSoon(tokens.get())) await renew()
      const answer = await send(body, headers)
      if (tokens.get() === null || !isUnauthenticated(answer)) return answer
      // This machine's clock may be wrong, or the session ended elsewhere: the server knows, and nothing was done yet.
      await renew()
      return send(body, headers)
    },

    /** Asks for an export; answers what came, of which nothing was read yet. Throws `Refused`, or `SignedOut`. */
    async download(body) {
      const ask = () => post(exportPath, body, { authorization: `Bearer ${tokens.get()?.accessToken}` })
      if (endsSoon(tokens.get())) await renew()
      let response = await ask()
      if (response.status === 401 && tokens.get() !== null) {
        await renew()
        response = await ask()
      }
      if (!response.ok) throw new Refused((await response.json()).errors?.[0]?.message ?? 'The server did not say why.')
      return response
    },

    async signIn(email, password) {
      const answer = await send({ query: documents.logIn, variables: { email, password } }, anonymous)
      tokens.keep(sessionOf(answer))
    },

    /** Signs in with the code of the printed link. */
    async exchange(code) {
      const response = await post(sessionPath, { code }, {})
      const answer = await response.json()
      if (!response.ok) throw new Refused(answer.errors?.[0]?.message ?? 'The server did not say why.')
      tokens.keep(answer)
    },

    async signOut() {
      // Without an answer it ends here all the same, and on the server by itself.
      if (tokens.get() !== null) await send({ query: documents.logOut }).catch(() => {})
      tokens.keep(null)
    },
  }
}

async function renewTokens(tokens, send, refreshSession, onEnd) {
  const { refreshToken } = tokens.get()
  const answer = await send({ query: refreshSession, variables: { refreshToken } }, anonymous)
  if (isUnauthenticated(answer)) {
    tokens.keep(null)
    const message = 'Your session has ended. Sign in again to go on.'
    onEnd(message)
    throw new SignedOut(message)
  }
  tokens.keep(sessionOf(answer))
}

/** While one call runs, further ones wait for it: a refresh token is good once. */
function once(action) {
  let running = null
  return () => {
    running ??= action().finally(() => {
      running = null
    })
    return running
  }
}

/** An empty header is not sent. */
const anonymous = { authorization: '' }

function makeSender(graphqlPath, tokens) {
  return async (body, headers = {}) => {
    const isGiven = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')
    const signed = isGiven || tokens.get() === null ? {} : { authorization: `Bearer ${tokens.get().accessToken}` }
    const response = await post(graphqlPath, body, { accept: 'application/json', ...signed, ...headers })
    return response.json()
  }
}

async function post(path, body, headers) {
  const sent = Object.entries(headers).filter(([, value]) => value !== '')
  return fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...Object.fromEntries(sent) },
    body: JSON.stringify(body),
    credentials: 'same-origin',
  })
}

function sessionOf(answer) {
  if (answer.data?.session != null) return answer.data.session
  throw new Refused(answer.errors?.[0]?.message ?? 'The server did not say why.')
}

function isUnauthenticated(answer) {
  return answer.errors?.some((error) => error.extensions?.code === 'UNAUTHENTICATED') ?? false
}

function endsSoon(tokens) {
  return tokens !== null && Date.parse(tokens.accessTokenExpiresAt) - Date.now() < marginMs
}

/** As long as this browser tab is open, and in no other. */
function keptTokens() {
  let tokens = read()
  return {
    get: () => tokens,
    keep(next) {
      tokens = next
      if (next === null) sessionStorage.removeItem(storageKey)
      else sessionStorage.setItem(storageKey, JSON.stringify(next))
    },
  }
}

function read() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(storageKey) ?? 'null')
    return typeof stored?.accessToken === 'string' && typeof stored?.refreshToken === 'string' ? stored : null
  } catch {
    return null
  }
}

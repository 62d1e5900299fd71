// The explorer: GraphiQL with the ready queries of whoever is signed in.

import { valueAt, variablesFor } from './paths.js'
import { Refused } from './session.js'
import { SignedInPage } from './signed-in-page.js'
import { Workspace } from './workspace.js'

const { createElement: h } = React
const { readyQueries, ...given } = JSON.parse(document.getElementById('settings').textContent)
const settings = { ...given, documents: readyQueries.page }
const assets = new URL('.', import.meta.url).pathname.slice(0, -1)

/** Who is signed in, the ready queries with the ids of what is theirs, and how to ask for those again. */
async function whoIsThere(session) {
  const { signedIn } = readyQueries.page
  const answer = await session.request({ query: signedIn.document, operationName: signedIn.name })
  if (answer.data == null) throw new Refused(answer.errors?.[0]?.message ?? 'The server did not say why.')
  const demo = settings.people.find(({ email }) => email === answer.data.me.email)
  const found = { ...answer.data, demo, surveys: await surveysOf(session, answer.data) }
  const at = (name) => valueAt(found, signedIn.variables[name])
  const role = at('role')
  // Those of the person's office come first.
  const readyQueriesOfRole = readyQueries.all.filter((readyQuery) => readyQuery.role === role)
  const offered = [...readyQueriesOfRole, ...readyQueries.all.filter((readyQuery) => readyQuery.role === null)]
  const filled = offered.map((readyQuery) => {
    const { values, missing } = variablesFor(readyQuery, found)
    return { ...readyQuery, variables: JSON.stringify(values, null, 2), missing }
  })
  const askAgain = async () => (await whoIsThere(session)).offered
  return { person: { name: at('name'), place: at('place'), day: at('day') }, offered: filled, askAgain }
}

/** The ids of surveys; null where the server has none. */
async function surveysOf(session, { serverInfo }) {
  const { surveys } = readyQueries.page
  if (!serverInfo.features.includes(surveys.needs)) return null
  const { data } = await session.request({ query: surveys.document, operationName: surveys.name })
  return data ?? null
}

const page = h(SignedInPage, { settings, assets, enter: whoIsThere, Content: Workspace })
ReactDOM.createRoot(document.getElementById('page')).render(page)

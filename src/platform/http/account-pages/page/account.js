// What the pages share: the token of the link, the sections of which one is shown, and how the service is asked.

/** From behind the `#`, which browsers send to nobody; null when the page was opened without one. */
export const token = new URLSearchParams(location.hash.slice(1)).get('token')

// Another link opened in the place of this one changes nothing but what stands behind the "#".
addEventListener('hashchange', () => location.reload())

/** The link has done what it can: it need not stay in the history of this browser. */
export function forgetLink() {
  history.replaceState(null, '', location.pathname)
}

/** Shows one section. A screen reader hears its heading, unless it is what the page opens with. */
export function show(id, { isFirst = false } = {}) {
  for (const section of document.querySelectorAll('section')) section.hidden = section.id !== id
  const heading = document.querySelector(`#${id} h1`)
  document.title = `${heading.textContent} · Kitaab`
  if (isFirst) document.querySelector(`#${id} :is(input, button)`)?.focus()
  else heading.focus()
}

/** What a service says instead of doing what it was asked. */
export class Refused extends Error {
  constructor({ message, extensions }) {
    super(message)
    this.reason = extensions?.reason ?? null
  }
}

/** Sends a mutation with its input. Rejects with Refused, whose message is for the person, or with anything when nobody answers. */
export async function ask(query, input) {
  const answer = await fetch('graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  })
  const { errors } = await answer.json()
  if (errors?.length > 0) throw new Refused(errors[0])
}

/**
 * Does `work` when the form of a section is sent, with its fields; once at a time. `recover` answers true when it has dealt with a
 * refusal; all others are told below the fields.
 */
export function onSubmit(id, work, recover = () => false) {
  const form = document.querySelector(`#${id} form`)
  const problem = form.querySelector('.problem')
  const button = form.querySelector('button')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (button.getAttribute('aria-disabled') === 'true') return
    button.setAttribute('aria-disabled', 'true')
    problem.hidden = true
    try {
      await work(form.elements)
    } catch (error) {
      if (!(error instanceof Refused && recover(error))) {
        problem.textContent =
          error instanceof Refused ? error.message : 'Kitaab does not answer. Try again in a moment.'
        problem.hidden = false
      }
    } finally {
      button.removeAttribute('aria-disabled')
    }
  })
}

/** Lets a person see the password that they type into the form of a section. */
export function showOnRequest(id) {
  const { password, shown } = document.querySelector(`#${id} form`).elements
  shown.addEventListener('change', () => {
    password.type = shown.checked ? 'text' : 'password'
  })
}

/** Lets the form of a section have a new link sent. */
export function offerLink(id, mutation) {
  onSubmit(id, async ({ email }) => {
    await ask(mutation, { email: email.value.trim() })
    show('sent')
  })
}

/** A link that was used, is too old or is no link of ours. */
export function onUsedLink({ reason }) {
  if (reason !== 'INVALID_TOKEN') return false
  forgetLink()
  show('refused')
  return true
}

// The bar above everything: the name, who is signed in, and how to be somebody else.

const { createElement: h } = React

/**
 * @param {{ assets: string, person: { name: string, place: string, day: string, email: string | null } | null, notice: string | null,
 *   people: object[], become: (person: object) => void, signOut: () => void }} props
 */
export function Head({ assets, person, notice, people, become, signOut }) {
  return h(
    'header',
    { className: 'head' },
    h('img', { src: `${assets}/favicon.svg`, alt: '', width: 24, height: 24 }),
    h('span', { className: 'wordmark' }, 'Kitaab'),
    notice && h('span', { className: 'problem', role: 'alert' }, notice),
    person && h(SignedIn, { person, people, become, signOut }),
  )
}

function SignedIn({ person, people, become, signOut }) {
  const place = person.place?.split('/').at(-1).replaceAll('_', ' ')
  return h(
    'div',
    { className: 'signed-in' },
    h('span', { className: 'who' }, 'Signed in as ', h('strong', null, person.name)),
    h('span', { className: 'when' }, [place, spoken(person.day)].filter(Boolean).join(', ')),
    people.length > 0 && h(Switch, { person, people, become }),
    h('button', { type: 'button', onClick: signOut }, 'Sign out'),
  )
}

function Switch({ person, people, become }) {
  const option = ({ name }) =>
    h(
      'button',
      {
        key: name,
        type: 'button',
        'aria-pressed': name === person.name,
        onClick: () => become(people.find((other) => other.name === name)),
      },
      name.split(' ')[0],
    )
  return h('div', { className: 'switch', role: 'group', 'aria-label': 'Be somebody else' }, ...people.map(option))
}

/** A civil date has no zone: it is printed as it is. */
function spoken(day) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day ?? '')) return null
  const format = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }
  return new Intl.DateTimeFormat('en-GB', format).format(Date.parse(`${day}T00:00:00Z`))
}

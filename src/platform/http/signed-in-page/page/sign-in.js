// The page of somebody who is not signed in.

const { createElement: h, useState } = React

/**
 * `pageBeside` answers the address of another page of the service.
 * @param {{ notice: string | null, people: object[], pageBeside: (name: string) => string, signIn: (email: string, password: string) => Promise<void> }} props
 */
export function SignIn({ notice, people, pageBeside, signIn }) {
  const [problem, setProblem] = useState(null)
  const [isBusy, setBusy] = useState(false)
  const attempt = async (email, password) => {
    setBusy(true)
    setProblem(null)
    try {
      await signIn(email, password)
    } catch (error) {
      setProblem(error instanceof TypeError ? 'Kitaab does not answer. Is it still running?' : error.message)
      setBusy(false)
    }
  }
  return h(
    'main',
    { className: 'sign-in' },
    h(
      'div',
      { className: 'card' },
      h('h1', null, 'Sign in'),
      notice && h('p', { className: 'notice', role: 'status' }, notice),
      problem && h('p', { className: 'problem', role: 'alert' }, problem),
      people.length > 0 && h(People, { people, isBusy, attempt }),
      h(Form, { isBusy, attempt }),
      h(
        'p',
        { className: 'beside' },
        h('a', { href: pageBeside('register') }, 'Open an account'),
        h('a', { href: pageBeside('reset-password') }, 'Forgot your password?'),
      ),
    ),
  )
}

function People({ people, isBusy, attempt }) {
  const button = ({ name, about, email, password }) =>
    h(
      'button',
      { key: email, type: 'button', disabled: isBusy, onClick: () => attempt(email, password) },
      h('strong', null, name),
      h('span', null, about),
    )
  return h(
    'section',
    { className: 'people', 'aria-label': 'The demo world' },
    h('p', null, 'In the demo world you may be anyone:'),
    ...people.map(button),
    h('p', { className: 'or' }, 'or with an account of your own'),
  )
}

function Form({ isBusy, attempt }) {
  const submit = (event) => {
    event.preventDefault()
    const { email, password } = Object.fromEntries(new FormData(event.currentTarget))
    attempt(email, password)
  }
  const field = (label, properties) => h('label', null, label, h('input', { required: true, ...properties }))
  return h(
    'form',
    { onSubmit: submit },
    field('E-mail', { name: 'email', type: 'email', autoComplete: 'username' }),
    field('Password', { name: 'password', type: 'password', autoComplete: 'current-password' }),
    h('button', { type: 'submit', className: 'primary', disabled: isBusy }, isBusy ? 'Signing in ...' : 'Sign in'),
  )
}

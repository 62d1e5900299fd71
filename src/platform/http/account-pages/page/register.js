import { ask, onSubmit, show, showOnRequest } from './account.js'

const register = 'mutation ($input: RegisterInput!) { register(input: $input) { emailSent } }'

onSubmit('ready', async ({ fullName, email, password }) => {
  await ask(register, {
    fullName: fullName.value,
    email: email.value.trim(),
    password: password.value,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  })
  password.value = ''
  show('sent')
})
showOnRequest('ready')
show('ready', { isFirst: true })

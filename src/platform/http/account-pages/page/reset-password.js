import { ask, forgetLink, offerLink, onSubmit, onUsedLink, show, showOnRequest, token } from './account.js'

const reset = 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { passwordChanged } }'
const request = 'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { emailSent } }'

onSubmit(
  'ready',
  async ({ password }) => {
    await ask(reset, { token, newPassword: password.value })
    password.value = ''
    forgetLink()
    show('done')
  },
  onUsedLink,
)
showOnRequest('ready')
for (const id of ['refused', 'asked']) offerLink(id, request)
show(token === null ? 'asked' : 'ready', { isFirst: true })

import { ask, forgetLink, offerLink, onSubmit, onUsedLink, show, token } from './account.js'

const verify = 'mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { emailVerified } }'
const resend = 'mutation ($input: ResendVerificationInput!) { resendVerification(input: $input) { emailSent } }'

// By a button, not at once: programs that look into mails open links as well, and would use them up.
onSubmit(
  'ready',
  async () => {
    await ask(verify, { token })
    forgetLink()
    show('done')
  },
  onUsedLink,
)
offerLink('refused', resend)
show(token === null ? 'refused' : 'ready', { isFirst: true })

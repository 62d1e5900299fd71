/** The pages behind the links in mails, below the service's address, whose tokens stand behind the `#`; and the one where an account is opened. */
export const accountPages = {
  verifyEmail: 'verify-email',
  resetPassword: 'reset-password',
  register: 'register',
} as const

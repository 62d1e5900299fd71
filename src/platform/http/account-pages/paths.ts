/** The pages behind the links in mails, below the service's address. Their tokens stand behind the `#`. */
export const accountPages = { verifyEmail: 'verify-email', resetPassword: 'reset-password' } as const

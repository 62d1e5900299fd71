/** The page behind the links in mails that turn something off, below the service's address. */
export const oneClickPage = 'turn-off'

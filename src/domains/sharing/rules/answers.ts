/** The status that an answer gives. */
export const statusOfResponse = { ACCEPT: 'accepted', DECLINE: 'declined', BLOCK: 'blocked' } as const

export type Response = keyof typeof statusOfResponse

/** SHA-1 The steps that a relation takes: a request is answered once; whoever was accepted may still be blocked. */
export function mayBecome(status: string, answer: (typeof statusOfResponse)[Response]): boolean {
  return status === 'pending' || (status === 'accepted' && answer === 'blocked')
}

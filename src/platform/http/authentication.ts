import type { IncomingHttpHeaders } from 'node:http'
import { GraphQLError } from 'graphql'
import { unauthenticated } from '../graphql/errors.ts'
import type { Viewer } from '../viewer.ts'

/**
 * The viewer behind an access token, without I/O. Throws UNAUTHENTICATED, reason TOKEN_EXPIRED or INVALID_TOKEN, when it does
 * not hold.
 */
export type VerifyAccessToken = (token: string) => Viewer | Promise<Viewer>

/** Who asks. `refusal`: why the token that came along does not hold; then there is no viewer. */
export interface Authentication {
  readonly viewer: Viewer | null
  readonly refusal: GraphQLError | null
}

const bearer = /^Bearer +([\w.~+/=-]+)$/i

/**
 * Reads `Authorization: Bearer ...`. A token that does not hold is no reason to refuse a public field (the app that refreshes
 * its session still sends the old one), so it is handed on, to be answered where a viewer is needed.
 */
export async function authenticate(headers: IncomingHttpHeaders, verify: VerifyAccessToken): Promise<Authentication> {
  const { authorization } = headers
  if (authorization === undefined) return { viewer: null, refusal: null }
  const token = bearer.exec(authorization)?.[1]
  if (!token)
    return {
      viewer: null,
      refusal: unauthenticated('Send `Authorization: Bearer` and an access token.', { reason: 'INVALID_TOKEN' }),
    }
  try {
    return { viewer: await verify(token), refusal: null }
  } catch (error) {
    if (error instanceof GraphQLError) return { viewer: null, refusal: error }
    throw error
  }
}

import type pg from 'pg'

/**
 * A connection that is asked again only once it has answered. The library reports jobs as done while it looks for the next one on the same
 * connection, and from its version 9 on node-postgres lets nobody wait in line.
 */
export function oneQueryAtATime(client: pg.PoolClient): pg.PoolClient {
  let last: Promise<unknown> = Promise.resolve()
  function query(...given: unknown[]): Promise<unknown> {
    const answer = last.then(() => Reflect.apply(client.query, client, given))
    last = answer.catch(() => {})
    return answer
  }
  return new Proxy(client, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)) })
}

import type { Socket } from 'node:net'

const statuses: Record<string, readonly [number, string, string]> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    'The headers are larger than 16 kB: send less, such as fewer cookies.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request took too long to arrive: send it again.'],
}
const malformed = [
  400,
  'Bad Request',
  'This is not a request of HTTP/1.1: is it meant for https, or for another server?',
] as const

/** Answers what is no request, before there is a Fastify request to answer, and closes the connection. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, phrase, message] = statuses[error.code ?? ''] ?? malformed
  const body = JSON.stringify({
    errors: [{ message, extensions: { code: 'BAD_USER_INPUT', reason: 'INVALID_REQUEST' } }],
  })
  const head = [
    `HTTP/1.1 ${status} ${phrase}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** What a mail says as plain text and as HTML, whatever its parts are encoded in. */
export function readMail(mail: string): { text: string; html: string } {
  const lines = mail.replaceAll('\r\n', '\n')
  const boundary = /boundary="([^"]+)"/.exec(lines)?.[1]
  const parts = (boundary ? lines.split(`--${boundary}`).slice(1) : [lines]).map(readPart)
  const ofType = (type: string) => parts.find(({ head }) => head.includes(`Content-Type: ${type}`))?.body ?? ''
  return { text: ofType('text/plain'), html: ofType('text/html') }
}

function readPart(part: string): { head: string; body: string } {
  const end = part.indexOf('\n\n')
  const [head, body] = [part.slice(0, end), part.slice(end + 2)]
  if (/encoding: base64/i.test(head)) return { head, body: Buffer.from(body, 'base64').toString() }
  if (!/encoding: quoted-printable/i.test(head)) return { head, body }
  const bytes = body
    .replaceAll('=\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
  return { head, body: Buffer.from(bytes, 'latin1').toString() }
}

/** Where the header of RFC 8058 leads. */
export function unsubscribeLink(mail: string): string {
  const unfolded = mail.replaceAll('\r\n', '\n').replace(/\n[ \t]+/g, ' ')
  return /^List-Unsubscribe: <(.*)>$/m.exec(unfolded)?.[1]?.replaceAll(' ', '') ?? 'no link'
}

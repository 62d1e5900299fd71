import { createServer, type Server } from 'node:net'

export interface SmtpServer {
  readonly url: URL
  /** What was sent, as it came over the wire. */
  readonly mails: string[]
  stop(): Promise<void>
}

/** A mail server that takes what it is sent, or refuses recipients in words that repeat their address. */
export async function startSmtpServer({
  refuses = false,
  onMail = () => {},
}: {
  refuses?: boolean
  onMail?: () => void
} = {}): Promise<SmtpServer> {
  const mails: string[] = []
  const server: Server = createServer((socket) => {
    let text = ''
    let inMail = false
    const say = (line: string) => socket.write(`${line}\r\n`)
    socket.on('error', () => {})
    socket.on('data', (data) => {
      text += data
      for (let end = text.indexOf(inMail ? '\r\n.\r\n' : '\r\n'); end >= 0; ) {
        const part = text.slice(0, end)
        text = text.slice(end + (inMail ? 5 : 2))
        if (inMail) {
          mails.push(part)
          inMail = false
          onMail()
          say('250 thanks')
        } else if (part === 'DATA') {
          inMail = true
          say('354 go on')
        } else if (refuses && part.startsWith('RCPT TO:')) {
          say(`550 5.1.1 ${part.slice('RCPT TO:'.length)}: there is nobody of this name`)
        } else {
          say(part === 'QUIT' ? '221 farewell' : '250 yes')
        }
        end = text.indexOf(inMail ? '\r\n.\r\n' : '\r\n')
      }
    })
    say('220 test')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: new URL(`smtp://127.0.0.1:${port}`),
    mails,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

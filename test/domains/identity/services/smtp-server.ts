import { createServer, type Server, type Socket } from 'node:net'

export interface SmtpServer {
  readonly url: URL
  /** What was sent, as it came over the wire. */
  readonly mails: string[]
  stop(): Promise<void>
}

export interface SmtpBehaviour {
  /** It refuses recipients, in words that repeat their address: with 550, or what is given. */
  readonly refuses?: boolean | number
  /** It is silent once it has a mail. */
  readonly answers?: boolean
  /** It hangs up: before it wants the mail, or when it has it. */
  readonly hangsUp?: 'before' | 'after'
  /** What it says of a mail that it has. */
  readonly verdict?: string
  onMail?(): void
}

/** A mail server that takes what it is sent, unless it is to behave otherwise. */
export async function startSmtpServer(behaviour: SmtpBehaviour = {}): Promise<SmtpServer> {
  const mails: string[] = []
  const open = new Set<Socket>()
  const server: Server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    talk(socket, behaviour, mails)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: new URL(`smtp://127.0.0.1:${port}`),
    mails,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

function talk(socket: Socket, behaviour: SmtpBehaviour, mails: string[]): void {
  const { refuses = false, answers = true, hangsUp, verdict = '250 thanks', onMail = () => {} } = behaviour
  let text = ''
  let inMail = false
  const say = (line: string) => socket.write(`${line}\r\n`)
  const hear = (part: string) => {
    if (inMail) {
      mails.push(part)
      inMail = false
      onMail()
      if (hangsUp === 'after') socket.destroy()
      else if (answers) say(verdict)
    } else if (part === 'DATA' && hangsUp === 'before') {
      socket.destroy()
    } else if (part === 'DATA') {
      inMail = true
      say('354 go on')
    } else if (refuses !== false && part.startsWith('RCPT TO:')) {
      const code = refuses === true ? '550 5.1.1' : refuses
      say(`${code} ${part.slice('RCPT TO:'.length)}: there is nobody of this name`)
    } else {
      say(part === 'QUIT' ? '221 farewell' : '250 yes')
    }
  }
  socket.on('error', () => {})
  socket.on('data', (data) => {
    text += data
    for (let end = text.indexOf(inMail ? '\r\n.\r\n' : '\r\n'); end >= 0; ) {
      const part = text.slice(0, end)
      text = text.slice(end + (inMail ? 5 : 2))
      hear(part)
      end = text.indexOf(inMail ? '\r\n.\r\n' : '\r\n')
    }
  })
  say('220 test')
}

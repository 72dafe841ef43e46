// A mail server that keeps what it is given, for journeys in which somebody gets a mail.
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

export type Letter = { to: string[]; text: string }
export type Mailbox = { url: string; letters: Letter[]; stop: () => void }

/** SMTP without TLS and passwords, as far as one client needs it. */
export async function startMailbox(): Promise<Mailbox> {
  const letters: Letter[] = []
  const server = createServer((socket) => {
    let rest = ''
    let to: string[] = []
    let body: string[] | null = null
    const line = (said: string): void => {
      if (body !== null) {
        if (said !== '.') return void body.push(said.replace(/^\./, ''))
        letters.push({ to, text: plain(body.join('\n')) })
        body = null
        to = []
        return void socket.write('250 kept\r\n')
      }
      const verb = said.slice(0, 4).toUpperCase()
      if (verb === 'RCPT') to.push(/<([^>]*)>/.exec(said)?.[1] ?? '')
      if (verb === 'DATA') {
        body = []
        return void socket.write('354 go on\r\n')
      }
      socket.write(verb === 'QUIT' ? '221 bye\r\n' : '250 well\r\n')
      if (verb === 'QUIT') socket.end()
    }
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString('utf8')).split('\r\n')
      rest = lines.pop() ?? ''
      lines.forEach(line)
    })
    socket.write('220 mailbox\r\n')
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, letters, stop: () => void server.close() }
}

/** The text of a mail, whose long lines may be broken (quoted-printable). */
const plain = (source: string): string => source.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))

// As much of SMPP 3.4 as journeys speak: a program that binds and sends, and a carrier that answers until it dies.
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

const HEAD = 16
const RESPONSE = 0x80000000
const SUBMIT_SM = 0x00000004
const DELIVER_SM = 0x00000005
const UNBIND = 0x00000006
const BIND_TRANSCEIVER = 0x00000009

type Pdu = { command: number; status: number; sequence: number; body: Buffer }

const strings = (...texts: string[]): Buffer => Buffer.concat(texts.map((text) => Buffer.from(`${text}\0`)))
const octets = (...values: number[]): Buffer => Buffer.from(values)

function written({ command, status, sequence, body }: Pdu): Buffer {
  const head = Buffer.alloc(HEAD)
  for (const [place, value] of [HEAD + body.length, command, status, sequence].entries()) head.writeUInt32BE(value, 4 * place)
  return Buffer.concat([head, body])
}

/** Call `take` with each PDU that comes. */
function reading(socket: Socket, take: (pdu: Pdu) => void): void {
  let rest = Buffer.alloc(0)
  socket.on('error', () => undefined)
  socket.on('data', (more) => {
    rest = Buffer.concat([rest, more])
    while (rest.length >= HEAD && rest.length >= rest.readUInt32BE(0)) {
      const length = rest.readUInt32BE(0)
      take({ command: rest.readUInt32BE(4), status: rest.readUInt32BE(8), sequence: rest.readUInt32BE(12), body: rest.subarray(HEAD, length) })
      rest = rest.subarray(length)
    }
  })
}

const bindBody = (systemId: string, password: string): Buffer => Buffer.concat([strings(systemId, password, ''), octets(0x34, 0, 0, 0)])

/** A program of a customer. */
export class Program {
  private readonly socket: Socket
  private readonly waiting = new Map<number, (pdu: Pdu) => void>()
  private sequence = 0

  private constructor(socket: Socket) {
    this.socket = socket
    socket.unref()
    reading(socket, (pdu) => {
      if (pdu.command >= RESPONSE) this.waiting.get(pdu.sequence)?.(pdu)
      else socket.write(written({ command: (pdu.command | RESPONSE) >>> 0, status: 0, sequence: pdu.sequence, body: pdu.command === DELIVER_SM ? strings('') : octets() }))
    })
  }

  /** Bind. Returns the status of the answer beside the program: 0 is success. */
  static async bind(listen: string, systemId: string, password: string): Promise<{ program: Program; status: number }> {
    const [host, port] = listen.split(':')
    const program = new Program(connect(Number(port), host))
    const { status } = await program.ask(BIND_TRANSCEIVER, bindBody(systemId, password))
    return { program, status }
  }

  /** Send a message. Returns its id. */
  async send(to: string, from: string, text: string): Promise<string> {
    const body = Buffer.concat([
      strings(''), octets(5, 0), strings(from), octets(1, 1), strings(to.replace('+', '')), octets(0, 0, 0), strings('', ''), octets(1, 0, 0, 0, text.length), Buffer.from(text, 'ascii'),
    ])
    const { status, body: answer } = await this.ask(SUBMIT_SM, body)
    if (status !== 0) throw new Error(`submit_sm was refused: ${status}`)
    return answer.toString('ascii').replace(/\0.*/, '')
  }

  close(): void {
    this.socket.destroy()
  }

  private ask(command: number, body: Buffer): Promise<Pdu> {
    this.sequence += 1
    const { sequence } = this
    return new Promise((resolve, reject) => {
      this.waiting.set(sequence, resolve)
      this.socket.once('close', () => reject(new Error('the connection was closed')))
      this.socket.write(written({ command, status: 0, sequence, body }))
    })
  }
}

/** A carrier: whoever binds may, and each message is taken. */
export class Smsc {
  readonly port: number
  /** The bodies of submit_sm, in their order. */
  readonly taken: Buffer[] = []
  private readonly server: Server
  private readonly sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
      reading(socket, ({ command, sequence, body }) => {
        if (command >= RESPONSE) return
        if (command === SUBMIT_SM) this.taken.push(body)
        const answers: Record<number, Buffer> = { [BIND_TRANSCEIVER]: strings('smsc'), [SUBMIT_SM]: strings(`id-${this.taken.length}`) }
        socket.write(written({ command: (command | RESPONSE) >>> 0, status: 0, sequence, body: answers[command] ?? octets() }))
        if (command === UNBIND) socket.end()
      })
    })
  }

  static async start(): Promise<Smsc> {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((ready) => server.once('listening', ready))
    return new Smsc(server)
  }

  /** End all connections and take no new ones. */
  die(): void {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
  }
}

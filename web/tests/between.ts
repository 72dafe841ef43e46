// A live feed that a test holds in its hand: between the browser and the product, all passes but `/v1/events`.
//
// The browser sees one site, as behind a proxy. The test tells events, ends the connection, refuses it and lets it
// come again.
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export class Between {
  readonly url: string
  /** The `Last-Event-ID` of each connection, in their order; empty for the first one. */
  readonly asked: string[] = []
  private readonly open = new Set<ServerResponse>()
  private readonly server: Server
  private readonly product: URL
  private told = 0
  private away = false

  private constructor(server: Server, product: URL) {
    this.server = server
    this.product = product
    this.url = `http://localhost:${(server.address() as AddressInfo).port}`
    server.on('request', (asked, answer) => {
      if (asked.url?.startsWith('/v1/events') === true) this.feed(asked, answer)
      else this.pass(asked, answer)
    })
  }

  static async before(product: string): Promise<Between> {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((ready) => server.once('listening', ready))
    return new Between(server, new URL(product))
  }

  /** How many are connected to the feed. */
  get connected(): number {
    return this.open.size
  }

  /** Tell these events to whoever is connected. `data` is the body of a webhook. */
  tell(events: readonly { type: string; data: unknown }[]): void {
    let text = ''
    for (const { type, data } of events) {
      this.told += 1
      text += `id: evt_${String(this.told).padStart(9, '0')}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
    }
    for (const answer of this.open) answer.write(text)
  }

  /** The id of the event that was told last. */
  get last(): string {
    return `evt_${String(this.told).padStart(9, '0')}`
  }

  /** End all connections to the feed, and refuse new ones until `comeBack`. */
  breakOff(): void {
    this.away = true
    for (const answer of this.open) answer.destroy()
  }

  comeBack(): void {
    this.away = false
  }

  stop(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  private feed(asked: IncomingMessage, answer: ServerResponse): void {
    if (this.away) {
      answer.writeHead(503).end()
      return
    }
    this.asked.push(String(asked.headers['last-event-id'] ?? ''))
    answer.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    answer.write(': here\n\n')
    this.open.add(answer)
    answer.on('close', () => this.open.delete(answer))
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    const passed = request(
      { host: this.product.hostname, port: this.product.port, path: asked.url, method: asked.method, headers: asked.headers },
      (found) => {
        answer.writeHead(found.statusCode ?? 502, found.headers)
        found.pipe(answer)
      },
    )
    passed.on('error', () => answer.destroy())
    asked.pipe(passed)
  }
}

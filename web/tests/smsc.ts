// A simulated SMSC of the product, on a free port: a carrier to bind to.
import { type ChildProcess, spawn } from 'node:child_process'
import { PYTHON } from './product.ts'

const WAIT_MS = 30_000

export class Smsc {
  readonly port: number
  private readonly process: ChildProcess

  private constructor(port: number, process: ChildProcess) {
    this.port = port
    this.process = process
  }

  /** Start it: `system_id` and `password` may bind. It ends with this program at the latest. */
  static async start(systemId: string, password: string): Promise<Smsc> {
    const words = ['simulate', 'smsc', '--port', '0', '--system-id', systemId, '--password', password]
    const child = spawn(PYTHON, ['-m', 'onesixty', ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
    process.once('exit', () => child.kill())
    const port = await new Promise<number>((found, failed) => {
      let said = ''
      const late = setTimeout(() => failed(new Error(`the SMSC did not start: ${said}`)), WAIT_MS)
      child.once('exit', (code) => failed(new Error(`the SMSC ended with ${code}: ${said}`)))
      child.stdout.on('data', (piece: Buffer) => {
        said += piece.toString()
        const port = /SMSC on \S+:(\d+)/.exec(said)?.[1]
        if (port === undefined) return
        clearTimeout(late)
        found(Number(port))
      })
    })
    return new Smsc(port, child)
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return
    const ended = new Promise((done) => this.process.once('exit', done))
    this.process.kill('SIGTERM')
    await ended
  }
}

// The real product for tests and screenshots: on free ports, with a home of its own and an owner who is signed in.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const ROOT = resolve(import.meta.dirname, '..', '..')
export const PYTHON = process.env.ONESIXTY_PYTHON ?? join(ROOT, '.venv', 'bin', 'python')

export const OWNER = { email: 'ada@example.com', name: 'Ada Lovelace', password: 'correct horse battery' }
const KEY = 'test-admin-key-for-loopback-only'

/** A JSON body as tests look into it. */
export type Json = any

export class Product {
  readonly url: string
  readonly home: string
  /** The settings, as environment. */
  readonly environment: NodeJS.ProcessEnv
  /** The operator's live key. */
  readonly key = KEY
  private readonly process: ChildProcess

  private constructor(url: string, home: string, environment: NodeJS.ProcessEnv, words: string[]) {
    this.url = url
    this.home = home
    this.environment = environment
    const log = openSync(join(home, 'log'), 'a')
    this.process = spawn(PYTHON, ['-m', 'onesixty', ...words], { cwd: home, env: environment, stdio: ['ignore', log, log] })
  }

  /** Start it, and wait until it is ready. `settings` are ONESIXTY_* variables in lower case without the prefix. */
  static start(settings: Record<string, string> = {}): Promise<Product> {
    return Product.run(['serve'], settings, 60_000)
  }

  /** Start a demonstration: a week of traffic, with its own owner (`demoOwner`). */
  static demonstration(): Promise<Product> {
    return Product.run(['demo', '--folder', 'shown'], {}, 300_000)
  }

  private static async run(words: string[], settings: Record<string, string>, patience: number): Promise<Product> {
    if (!existsSync(PYTHON)) throw new Error(`${PYTHON} is missing: run scripts/setup-venv dev`)
    const home = mkdtempSync(join(tmpdir(), 'onesixty-console-'))
    const [http, smpp] = await Promise.all([freePort(), freePort()])
    // By its name: a passkey cannot belong to an address.
    const url = `http://localhost:${http}`
    const given = {
      public_url: url, data_dir: join(home, 'data'), http_listen: `127.0.0.1:${http}`, smpp_listen: `127.0.0.1:${smpp}`,
      admin_key: KEY, webhook_allow_private: 'true', ...settings,
    }
    const others = Object.entries(process.env).filter(([name]) => !name.startsWith('ONESIXTY_'))
    const own = Object.entries(given).map(([name, value]) => [`ONESIXTY_${name.toUpperCase()}`, value])
    const product = new Product(url, home, Object.fromEntries([...others, ...own]), words)
    await product.ready(patience)
    return product
  }

  private async ready(patience: number): Promise<void> {
    const end = Date.now() + patience
    while (Date.now() < end) {
      if (this.process.exitCode !== null) break
      const ready = await fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false)
      if (ready) return
      await new Promise((again) => setTimeout(again, 100))
    }
    const log = readFileSync(join(this.home, 'log'), 'utf8')
    await this.stop()
    throw new Error(`the product did not start:\n${log.slice(-3000)}`)
  }

  /** Call the API with the operator's key, or another one. Throws unless it succeeds. */
  async call(method: string, path: string, body?: unknown, { key = KEY, headers = {} }: { key?: string; headers?: Record<string, string> } = {}): Promise<Json> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? null : JSON.parse(text)
  }

  /** Run a command of the product with its settings. */
  async command(...words: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(PYTHON, ['-m', 'onesixty', ...words], { cwd: this.home, env: this.environment })
    return stdout
  }

  /** The token of a new set-up link. */
  async setupToken(): Promise<string> {
    const printed = await this.command('setup-link')
    const token = /\/setup#(\S+)/.exec(printed)?.[1]
    if (token === undefined) throw new Error(`no link in: ${printed}`)
    return token
  }

  /** Make the first user. Returns the value of the session's cookie. */
  async owner(): Promise<string> {
    return enter(this.url, '/v1/setup', { ...OWNER, token: await this.setupToken() })
  }

  /** Sign in as the owner of a demonstration. Returns the value of the session's cookie. */
  async demoOwner(): Promise<string> {
    const { email, password } = JSON.parse(readFileSync(join(this.home, 'shown', 'demo.json'), 'utf8'))
    return enter(this.url, '/v1/sessions', { email, password })
  }

  /** Invite another user, who accepts. Returns the value of the session's cookie. */
  async user(session: string, email: string, role: string, headers: Record<string, string> = {}): Promise<string> {
    const made = await this.asUser(session, 'POST', '/v1/invitations', { email, role }, headers)
    return enter(this.url, '/v1/invitations/accept', { token: made.link.split('#')[1], name: email, password: OWNER.password })
  }

  /** Call the API as a signed-in user. */
  async asUser(session: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Json> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { Cookie: `onesixty=${session}`, 'Content-Type': 'application/json', 'X-Onesixty-Console': '1', Origin: this.url, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? null : JSON.parse(text)
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      const ended = new Promise((done) => this.process.once('exit', done))
      this.process.kill('SIGTERM')
      await ended
    }
    rmSync(this.home, { recursive: true, force: true })
  }
}

/** Set up, accept or sign in at the product of this address. Returns the value of the session's cookie. */
export async function enter(url: string, path: string, body: unknown): Promise<string> {
  const answer = await fetch(url + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  const cookies = answer.headers.getSetCookie().map((cookie) => /^onesixty=([^;]+)/.exec(cookie)?.[1])
  const found = cookies.find((cookie) => cookie !== undefined)
  if (found === undefined) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return found
}

export function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer()
    server.once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => found(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

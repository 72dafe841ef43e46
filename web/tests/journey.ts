// What journeys share: the test with its checks, axe, and the API of the product that they run against.
import { execFile } from 'node:child_process'
import { test as plain, expect, type Page } from '@playwright/test'
import { breaches } from './axe.ts'
import { signedIn } from './browser.ts'
import { enter, type Json, OWNER, PYTHON } from './product.ts'

type Checks = {
  /** Other sites that a test means to visit, such as an identity provider. */
  elsewhere: string[]
  /** Whether the server has words that this console does not know. */
  newer: boolean
  clean: undefined
}

/**
 * A test that also fails if a page of it asks another host, reports a breach of its policy, lacks a text, or throws.
 * It looks at all tabs that the test opens.
 */
export const test = plain.extend<Checks>({
  storageState: async ({ baseURL }, use) => use(signedIn(baseURL ?? '', await ownerSession())),
  elsewhere: [[], { option: true }],
  newer: [false, { option: true }],
  clean: [
    async ({ context, baseURL, elsewhere, newer }, use) => {
      const complaints: string[] = []
      const own = [new URL(baseURL ?? '').origin, ...elsewhere]
      context.on('weberror', (found) => complaints.push(`thrown: ${found.error().message}`))
      context.on('console', (said) => {
        if (/Content Security Policy|violates/.test(said.text())) complaints.push(said.text())
        if (!newer && /There is no text/.test(said.text())) complaints.push(said.text())
      })
      context.on('request', (request) => {
        const { protocol, origin, href } = new URL(request.url())
        // What a page of another site asks for is its own matter.
        const from = request.isNavigationRequest() || elsewhere.length === 0 ? '' : new URL(request.frame().url()).origin
        if (protocol.startsWith('http') && !own.includes(origin) && !elsewhere.includes(from)) complaints.push(`asks ${href}`)
      })
      await use(undefined)
      for (const page of context.pages()) await page.unrouteAll({ behavior: 'ignoreErrors' })
      expect(complaints).toEqual([])
    },
    { auto: true },
  ],
})

export { expect }

/** A time zone in which no day begins within the hour: a test that counts by the day counts in one day. */
export const byDay = (): string => (new Date().getUTCHours() < 23 ? 'UTC' : 'Pacific/Honolulu')

/** Nothing that axe knows is wrong with the page as it is now, or with the parts of it that a selector names. */
export async function expectAccessible(page: Page, within?: string): Promise<void> {
  expect(await breaches(page, { within })).toEqual([])
}

/** The page does not scroll sideways, once it has the form that its width gives it. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const beyond = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  await expect.poll(beyond).toBe(0)
}

/** Call the API with the operator's key. */
export async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Json> {
  const answer = await fetch(`${process.env.CONSOLE_PRODUCT}${path}`, {
    method,
    headers: given({ Authorization: `Bearer ${process.env.CONSOLE_KEY}`, 'Content-Type': 'application/json', ...headers }),
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return text === '' ? null : JSON.parse(text)
}

/** Headers with a value; an empty one leaves out the header. */
const given = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))

/** Run a command of the product against it, with the operator's key; `input` is its standard input. */
export function command(words: readonly string[], input = ''): Promise<string> {
  const others = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ONESIXTY_')))
  const own = { ONESIXTY_URL: process.env.CONSOLE_PRODUCT, ONESIXTY_KEY: process.env.CONSOLE_KEY }
  return new Promise((resolve, reject) => {
    const running = execFile(PYTHON, ['-m', 'onesixty', ...words], { env: { ...others, ...own } }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(stderr)),
    )
    running.stdin?.end(input)
  })
}

/** A test takes less than the 10 minutes for which the proof of such a session still holds. */
const SESSION_MS = 5 * 60_000
let session = { cookie: '', until: 0 }

/** The cookie of a session that the owner's password began not long ago: some calls need one of the last 15 minutes. */
async function ownerSession(): Promise<string> {
  if (Date.now() > session.until) {
    const { email, password } = OWNER
    session = { cookie: await enter(process.env.CONSOLE_PRODUCT ?? '', '/v1/sessions', { email, password }), until: Date.now() + SESSION_MS }
  }
  return session.cookie
}

/** Call the API as the owner who is signed in. */
export const asOwner = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Json> =>
  call(method, path, body, {
    ...headers,
    Authorization: '',
    Cookie: `onesixty=${await ownerSession()}`,
    'X-Onesixty-Console': '1',
    Origin: process.env.CONSOLE_PRODUCT ?? '',
    ...headers,
  })

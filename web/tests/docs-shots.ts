// The pictures of the README and the documentation, of the demonstration: made by this program alone.
//
//   npm run docs-shots               all of them, in docs/assets/console
//   npm run docs-shots -- home       one of them
//   npm run docs-shots -- --folder F with the demonstration that is in F (`onesixty demo --build-only --folder F`)
//
// Without a folder, a demonstration is made that ends now, and removed afterwards. A picture is at most 150 kB.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { LAUNCH } from './browser.ts'
import { go, linksOf, routes, settled, visit } from './pages.ts'
import { freePort, PYTHON } from './product.ts'

type Shot = { path: string; dark?: boolean; /** The name of the account in which one acts. */ account?: string; before?: (page: Page) => Promise<void> }

/** The first thing of the list that is shown. */
const openFirst = (form: RegExp) => async (page: Page): Promise<void> => {
  const path = (await linksOf(page)).find((link) => form.test(link))
  if (path === undefined) throw new Error(`no link like ${form}`)
  await go(page, path)
}

const SHOTS: Record<string, Shot> = {
  home: { path: '/' },
  'messages-dark': { path: '/messages', dark: true },
  message: { path: '/messages?status=undelivered&status=failed', account: 'Nile Post Couriers', before: openFirst(/^\/messages\/msg_/) },
  carriers: { path: '/carriers' },
  sandbox: { path: '/sandbox?tab=phones', before: (page) => page.locator('.o-sandbox-phone').first().click() },
  analytics: { path: '/analytics' },
}
const SIZE = { width: 1280, height: 800 }
const MOST_BYTES = 150_000
const FOLDER = resolve(import.meta.dirname, '..', '..', 'docs', 'assets', 'console')

const { positionals: wanted, values } = parseArgs({ allowPositionals: true, options: { folder: { type: 'string' } } })
const home = mkdtempSync(join(tmpdir(), 'onesixty-pictures-'))
const [http, smpp] = [await freePort(), await freePort()]
const url = `http://localhost:${http}`
const others = Object.entries(process.env).filter(([name]) => !name.startsWith('ONESIXTY_'))
const demo = spawn(PYTHON, ['-m', 'onesixty', 'demo', ...(values.folder === undefined ? ['--folder', join(home, 'demo')] : ['--folder', resolve(values.folder), '--keep'])], {
  cwd: home, stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...Object.fromEntries(others), ONESIXTY_HTTP_LISTEN: `127.0.0.1:${http}`, ONESIXTY_SMPP_LISTEN: `127.0.0.1:${smpp}`, ONESIXTY_PUBLIC_URL: url },
})
const browser = await chromium.launch(LAUNCH)
try {
  const { email, password } = await signInShown()
  const context = await browser.newContext({ baseURL: url, viewport: SIZE, reducedMotion: 'reduce', locale: 'en-US', timezoneId: 'UTC' })
  const answer = await context.request.post('/v1/sessions', { data: { email, password } })
  if (!answer.ok()) throw new Error(`the sign-in was refused: ${answer.status()}`)
  mkdirSync(FOLDER, { recursive: true })
  for (const [name, shot] of Object.entries(SHOTS)) {
    if (wanted.length === 0 || wanted.includes(name)) await shoot(await context.newPage(), name, shot)
  }
} finally {
  await browser.close()
  const ended = new Promise((done) => demo.once('exit', done))
  if (demo.exitCode === null) {
    demo.kill('SIGTERM')
    await ended
  }
  rmSync(home, { recursive: true, force: true })
}

/** Wait until the demonstration says how to sign in. */
function signInShown(): Promise<{ email: string; password: string }> {
  return new Promise((found, failed) => {
    let printed = ''
    demo.stdout.on('data', (more: Buffer) => {
      printed += more.toString()
      const [, email, password] = /sign in\s+(\S+)\s+(\S+)\n/.exec(printed) ?? []
      if (email !== undefined && password !== undefined) found({ email, password })
    })
    demo.once('exit', () => failed(new Error(`the demonstration ended:\n${printed}`)))
  })
}

/** The id of an account by its name. */
async function accountOf(context: BrowserContext, name: string): Promise<string> {
  const { data } = await (await context.request.get('/v1/accounts?limit=100')).json()
  const found = data.find((account: { name: string }) => account.name === name)
  if (found === undefined) throw new Error(`no account ${name}`)
  return found.id
}

async function shoot(page: Page, name: string, { path, dark, account, before }: Shot): Promise<void> {
  await page.emulateMedia({ colorScheme: dark === true ? 'dark' : 'light' })
  await visit(page, account === undefined ? path : `${path}&account=${await accountOf(page.context(), account)}`)
  if (!(await routes(page)).plain.includes(path.split('?')[0] ?? '')) {
    console.log(`${name}: there is no page ${path}`)
    return page.close()
  }
  await before?.(page)
  await settled(page)
  // What is around the page is read after it: the menus of the account, of the mode and of the person.
  await page.locator('.o-header [aria-haspopup=menu]').nth(2).waitFor()
  const devtools = await page.context().newCDPSession(page)
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 82 })
  const picture = Buffer.from(data, 'base64')
  if (picture.length > MOST_BYTES) throw new Error(`${name} has ${picture.length} bytes`)
  writeFileSync(join(FOLDER, `${name}.webp`), picture)
  console.log(`${name}.webp  ${Math.round(picture.length / 1000)} kB`)
  await page.close()
}

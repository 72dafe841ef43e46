// Screenshots of pages of the real product, with an owner who is signed in: in light, dark, at 320 px, and in Arabic.
// Each is also checked by axe.
//
//   npm run shots -- /keys /                        four pictures of each page, in test-results/shots
//   npm run shots -- /keys --only light,narrow      some of them
//   npm run shots -- /keys --seed tests/seed.ts     with data: its default export gets the product and the session
//   npm run shots -- /smpp/{it} --seed ...          {it} is a value that the seed returned under this name
//   npm run shots -- /analytics --demo              with a week of traffic (`onesixty demo`)
//   npm run shots -- /keys --build                  the build that the product serves, not the sources
//   npm run shots -- /sign-in --out                 without being signed in
//   npm run shots -- /keys --click "New key"        after a click on the button of this name
//   npm run shots -- / --stay                       no pictures: prints the address and a sign-in, and waits
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type BrowserContextOptions, chromium } from '@playwright/test'
import { breaches } from './axe.ts'
import { LAUNCH, signedIn } from './browser.ts'
import { OWNER, Product } from './product.ts'
import { consoleOf } from './serving.ts'

const { positionals: paths, values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: 'light,dark,narrow,ar' },
    seed: { type: 'string' },
    demo: { type: 'boolean', default: false },
    build: { type: 'boolean', default: false },
    out: { type: 'boolean', default: false },
    click: { type: 'string', multiple: true, default: [] },
    stay: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
  },
})

type Variant = BrowserContextOptions & { language?: string }
const WIDE = { width: 1280, height: 900 }
const VARIANTS: Record<string, Variant> = {
  light: { viewport: WIDE, colorScheme: 'light' },
  dark: { viewport: WIDE, colorScheme: 'dark' },
  narrow: { viewport: { width: 320, height: 700 }, colorScheme: 'light' },
  ar: { viewport: WIDE, colorScheme: 'light', language: 'ar' },
}

const folder = resolve(import.meta.dirname, '..', 'test-results', 'shots')
mkdirSync(folder, { recursive: true })

const product = values.demo ? await Product.demonstration() : await Product.start()
const serving = await consoleOf(product, values.build ? 'build' : 'sources')
/** What the seed made, by the names that paths call it. */
const made: Record<string, string> = {}
let complaints = 0
try {
  const session = values.demo ? await product.demoOwner() : await product.owner()
  if (values.seed !== undefined) {
    const { default: seed } = await import(resolve(values.seed))
    Object.assign(made, await seed(product, session))
  }
  if (values.stay) {
    console.log(`${serving.url}/console/\n${OWNER.email}\n${OWNER.password}\nEnd with Ctrl C.`)
    await new Promise((ended) => process.once('SIGINT', ended))
  } else {
    await shoot(session)
  }
} finally {
  await serving.stop()
  await product.stop()
}
process.exitCode = complaints > 0 ? 1 : 0

async function shoot(session: string): Promise<void> {
  const browser = await chromium.launch(LAUNCH)
  try {
    for (const name of values.only.split(',')) {
      const { language, ...options } = VARIANTS[name] ?? {}
      const context = await browser.newContext({
        ...options,
        reducedMotion: 'reduce',
        storageState: values.out ? undefined : signedIn(serving.url, session),
      })
      if (language !== undefined) await context.addInitScript((tag) => localStorage.setItem('onesixty-language', tag), language)
      const page = await context.newPage()
      page.on('console', (said) => said.type() === 'error' && console.log(`  ${name}: ${said.text()}`))
      page.on('pageerror', (error) => console.log(`  ${name}: ${error.message}`))
      for (const path of paths) {
        await page.goto(`${serving.url}/console${path.replace(/\{(\w+)\}/g, (_, it: string) => made[it] ?? '')}`)
        await page.locator('h1').first().waitFor()
        for (const button of values.click) {
          const target = page.getByRole('button', { name: button, exact: true }).or(page.getByRole('menuitem', { name: button }))
          await target.first().click()
        }
        await page.waitForLoadState('networkidle')
        await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
        const label = (path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'home') + values.click.map((each) => `-${each.replace(/\W+/g, '-')}`).join('')
        const file = join(folder, `${label}-${name}.png`)
        await page.screenshot({ path: file, fullPage: values.full })
        const wrong = await breaches(page)
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
        console.log(`${file}${wrong.length > 0 || wide ? '' : '  clean'}`)
        if (wide) console.log('  scrolls sideways')
        for (const each of wrong) console.log(`  axe: ${each}`)
        complaints += wrong.length + Number(wide)
      }
      await context.close()
    }
  } finally {
    await browser.close()
  }
}

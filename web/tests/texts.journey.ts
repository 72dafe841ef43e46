// Every page on a phone, in every language, with longer words, and with what only a newer server or a rude person writes.
//
// - at 320 px nothing scrolls sideways but tables, the mode stays readable, and targets have 24 px, with texts spaced
//   as WCAG 1.4.12 says;
// - a language that is two fifths longer than English breaks nothing;
// - each language is whole: `clean` in `journey.ts` reports each text that is missing.
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Page } from '@playwright/test'
import { compiled } from '../build/texts.ts'
import { LANGUAGES } from '../src/i18n/languages.ts'
import { change, enumsOf, LONG, newer, SCRIPTS, UNHEARD_OF, wordy } from './answers.ts'
import { breaches } from './axe.ts'
import { call, expect, test } from './journey.ts'
import { beyond, cut, picture, spaceText } from './looks.ts'
import { go, nameOf, settled, visit, walk } from './pages.ts'

const PHONE = { width: 320, height: 700 }
const WIDE = { width: 1280, height: 800 }

test.setTimeout(300_000)

/** Whether the bar over the page says which mode it is: whole, within the window, and not too small. */
async function modeIsReadable(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const bar = document.querySelector('.o-mode')
    const word = bar?.querySelector('strong')
    if (bar == null || word == null) return false
    const [around, own] = [bar.getBoundingClientRect(), word.getBoundingClientRect()]
    const inside = own.left >= 0 && own.right <= innerWidth && own.top >= around.top && own.bottom <= around.bottom
    return inside && own.width > 0 && word.scrollWidth <= Math.ceil(own.width) && Number.parseFloat(getComputedStyle(word).fontSize) >= 12
  })
}

test('on a phone, with texts spaced out, in the longest language', async ({ page }) => {
  const complaints: string[] = []
  await page.setViewportSize(PHONE)
  await page.addInitScript(() => localStorage.setItem('onesixty-language', 'fr'))
  await visit(page)
  await spaceText(page)
  await walk(page, async (place) => {
    const found = [...(await beyond(page)), ...(await cut(page)), ...(await breaches(page, { rules: ['target-size'], own: place.route !== '/' })), ...((await modeIsReadable(page)) ? [] : ['the mode cannot be read'])]
    complaints.push(...found.map((each) => `${place.path}: ${each}`))
    await picture(page, 'phone', nameOf(place))
  })
  await go(page, '/keys', { mode: 'test' })
  if (!(await modeIsReadable(page))) complaints.push('the test mode cannot be read')
  expect(complaints).toEqual([])
})

test('with names of 300 characters and texts in every script, on a phone and on a desk', async ({ page }) => {
  const complaints: string[] = []
  await page.setViewportSize(PHONE)
  await change(page, wordy, (request) => request.url().endsWith('/v1/me'))
  await visit(page)
  let long = 0
  let scripts = 0
  await walk(page, async (place) => {
    complaints.push(...(await beyond(page)).map((each) => `${place.path}, 320 px: ${each}`))
    await page.setViewportSize(WIDE)
    await settled(page)
    complaints.push(...(await beyond(page)).map((each) => `${place.path}, 1280 px: ${each}`))
    const said = await page.locator('main').innerText()
    if (said.includes('This page failed')) complaints.push(`${place.path}: it crashed`)
    long += Number(said.includes(LONG.slice(0, 40)))
    scripts += Number(said.includes(SCRIPTS.slice(0, 40)))
    await page.setViewportSize(PHONE)
  })
  expect(long).toBeGreaterThan(8)
  expect(scripts).toBeGreaterThan(1) // the list of messages, and one of them
  expect(complaints).toEqual([])
})

test.describe('a server one version newer', () => {
  test.use({ newer: true })

  test('has words and fields that the console does not know', async ({ page }) => {
    const complaints: string[] = []
    const enums = enumsOf(await call('GET', '/openapi.json'))
    expect(enums.get('status')).toContain('delivered')
    await change(page, (body) => newer(body, enums))
    await visit(page)
    let shown = 0
    await walk(page, async (place) => {
      const said = await page.locator('body').innerText()
      if (said.includes('This page failed')) complaints.push(`${place.path}: it crashed: ${said.slice(0, 300)}`)
      complaints.push(...(await beyond(page)).map((each) => `${place.path}: ${each}`))
      // As the server wrote it, and never as the id of a text.
      if (new RegExp(`\\.${UNHEARD_OF}`).test(said)) complaints.push(`${place.path}: ${/\S+\.unheard_of/.exec(said)?.[0]}`)
      shown += Number(/unheard.of/i.test(said))
    })
    expect(complaints).toEqual([])
    expect(shown).toBeGreaterThan(5)
  })
})

test('each language is whole, and Arabic is mirrored', async ({ page }) => {
  // The choice stays in this browser: other tests are of the same person.
  await page.route('**/v1/me/preferences', (route) => (route.request().method() === 'PATCH' ? route.fulfill({ json: {} }) : route.fallback()))
  await visit(page)
  for (const [tag, { name }] of Object.entries(LANGUAGES)) {
    // In the menu of who is signed in, whatever language it has now: the third one, which may come after the others.
    await page.locator('.o-header button[aria-haspopup=menu]').nth(2).click()
    await page.getByRole('combobox').filter({ hasText: LANGUAGES.en.name }).selectOption(name)
    await expect(page.locator('html')).toHaveAttribute('lang', tag)
    await page.keyboard.press('Escape')
    await settled(page)
    expect(await beyond(page), tag).toEqual([])
    const navigation = await page.locator('#navigation').boundingBox()
    expect(navigation?.x === 0, tag).toBe(tag !== 'ar')
    await go(page, '/messages')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(JSON.parse(readFileSync(resolve(import.meta.dirname, `../src/messages/texts/${tag}.json`), 'utf8'))['messages.title'])
    await go(page, '/')
  }
})

test('words that are two fifths longer break nothing', async ({ page }) => {
  const complaints: string[] = []
  await pseudoLanguage(page)
  await visit(page)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Home abc')
  for (const path of ['/', '/messages', '/carriers', '/keys', '/send', '/users', '/settings']) {
    for (const size of [WIDE, PHONE]) {
      await page.setViewportSize(size)
      await go(page, path)
      complaints.push(...[...(await beyond(page)), ...(await cut(page))].map((each) => `${path}, ${size.width} px: ${each}`))
    }
  }
  expect(complaints).toEqual([])
})

/** The letters that are added: words of a common length. */
const longer = (text: string): string => {
  const more = Math.ceil(text.trim().length * 0.4)
  return more === 0 ? text : `${text} ${'abcdef '.repeat(Math.ceil(more / 7)).slice(0, Math.max(more - 1, 3)).trim()}`
}

/** A compiled message with longer words: a text, or a list of texts, placeholders and plurals. */
function lengthened(message: unknown): unknown {
  if (typeof message === 'string') return longer(message)
  if (!Array.isArray(message)) return message
  let added = false
  return message.map((part: unknown) => {
    if (typeof part === 'string' && part.trim() !== '' && !added) {
      added = true
      return longer(part)
    }
    if (!Array.isArray(part) || typeof part[2] !== 'object' || part[2] === null) return part
    const options = Object.entries(part[2]).map(([form, text]) => [form, Array.isArray(text) || (typeof text === 'string' && part[1] !== 'date' && part[1] !== 'number') ? lengthened(text) : text])
    return [part[0], part[1], Object.fromEntries(options)]
  })
}

/** Serve English with longer words, in place of the catalogues of the build. */
async function pseudoLanguage(page: Page): Promise<void> {
  const sources = resolve(import.meta.dirname, '..', 'src')
  const manifest = JSON.parse(readFileSync(resolve(sources, '..', '..', 'src/onesixty/console/dist/.vite/manifest.json'), 'utf8'))
  for (const feature of readdirSync(sources)) {
    const file: string | undefined = manifest[`src/${feature}/texts/en.json`]?.file
    if (file === undefined) continue
    const catalogue = compiled(readFileSync(resolve(sources, feature, 'texts', 'en.json'), 'utf8'))
    const body = `export default ${JSON.stringify(Object.fromEntries(Object.entries(catalogue).map(([id, message]) => [id, lengthened(message)])))}`
    await page.route(`**/${file}`, (route) => route.fulfill({ contentType: 'text/javascript', body }))
  }
}

// Every page in every state: as it is, without a row, not readable, forbidden, with each dialog of its head, in light
// and dark.
//
// Each state is one visit in which one goes from page to page. In light all rules of axe are asked; in dark those of
// colours, because nothing else differs, on each filled page and on the first pages of the other states, which draw
// them with the same parts. From right to left, colours are those of the filled page and are not asked again: they are
// two fifths of what axe costs. What is around each page is looked at on the first one. The first visit also looks at
// what else holds for a filled page: the columns of lists have their room, and no mark-up is shown. `PICTURES=1`
// leaves a picture of each in `test-results/pages`.
import type { Locator, Page } from '@playwright/test'
import { change, emptied, FAILED, FORBIDDEN, lookedAt, refuse } from './answers.ts'
import { breaches } from './axe.ts'
import { expect, test } from './journey.ts'
import { beyond, picture } from './looks.ts'
import { go, nameOf, type Place, revisit, routes, settled, visit, walk } from './pages.ts'

const COLOURS = ['color-contrast', 'link-in-text-block']

/** So many pages are seen in the dark where the same parts draw all of them. */
const IN_DARK = 8

test.setTimeout(300_000)

/** The pages, as the first test finds them; and those whose head has buttons besides that of the code. */
let places: Place[] = []
const headed = new Set<Place>()
let complaints: string[] = []

test.beforeEach(() => {
  complaints = []
})

/** The pages, also for a test that runs alone. */
async function known(page: Page): Promise<void> {
  if (places.length > 0) return
  await visit(page)
  places = await walk(page, (place) => noteHead(page, place))
}

/** The buttons of the head that may open a dialog. That of a request as code is the same everywhere. */
const openers = (page: Page, code = false): Locator => page.locator(`.o-page-head button${code ? '[aria-haspopup=dialog]' : ':not([aria-haspopup], [aria-disabled], [disabled])'}`)

/** The menus of the head: more actions, any of which may open a dialog. */
const menus = (page: Page): Locator => page.locator('.o-page-head button[aria-haspopup=menu]:not([aria-disabled], [disabled])')

async function noteHead(page: Page, place: Place): Promise<void> {
  if ((await openers(page).count()) + (await menus(page).count()) > 0) headed.add(place)
}

/** Whatever is wrong with the page in this state, by all rules `but` some; its picture is kept. */
async function inspect(page: Page, place: Place, state: string, but: readonly string[] = []): Promise<void> {
  const said = (found: string[]): void => void complaints.push(...found.map((each) => `${place.path}, ${state}: ${each}`))
  said(await breaches(page, { own: place.route !== '/', but }))
  said(await beyond(page))
  if (await page.getByText('This page failed').isVisible()) said(['it crashed'])
  const headings = await page.locator('h1').count()
  if (headings !== 1) said([`it has ${headings} first headings`])
  await picture(page, state, nameOf(place))
}

/** No mark-up is shown as it is written: the server's words have `code` in backticks. */
async function expectNoMarkUp(page: Page, place: Place): Promise<void> {
  for (const [said] of ((await page.locator('main').textContent()) ?? '').matchAll(/.{0,40}`.{0,40}/g)) complaints.push(`${place.path}, mark-up: ${said}`)
}

/** Nothing failed to be read. */
async function expectNoAlert(page: Page, place: Place): Promise<void> {
  for (const said of await page.locator('main [role=alert]').allInnerTexts()) complaints.push(`${place.path}: ${said}`)
}

/** The columns of its lists have room beside each other. Returns how many lists there are. */
async function columnsIn(page: Page, place: Place): Promise<number> {
  const beyond = await page.locator('.o-list-head > .o-list-row').evaluateAll((rows) =>
    rows.map((row) => {
      const end = (row.lastElementChild ?? row).getBoundingClientRect().right
      return Math.round(end - row.getBoundingClientRect().right + Number.parseFloat(getComputedStyle(row).paddingInlineEnd))
    }),
  )
  for (const pixels of beyond) if (pixels > 1) complaints.push(`${place.route}: its columns reach ${pixels} px beyond it`)
  return beyond.length
}

/** The same in the dark, where only colours differ. */
async function inDark(page: Page, place: Place, state: string): Promise<void> {
  const scheme = page.locator('html')
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect(scheme).toHaveAttribute('data-mantine-color-scheme', 'dark')
  complaints.push(...(await breaches(page, { rules: COLOURS, own: place.route !== '/' })).map((each) => `${place.path}, ${state}, dark: ${each}`))
  await page.emulateMedia({ colorScheme: 'light' })
  await expect(scheme).toHaveAttribute('data-mantine-color-scheme', 'light')
}

test('as they are, with each tab', async ({ page }) => {
  // A desk of 1280 px, less the bar by which one scrolls.
  await page.setViewportSize({ width: 1264, height: 720 })
  await visit(page)
  let lists = 0
  places = await walk(page, async (place) => {
    await noteHead(page, place)
    await inspect(page, place, 'filled')
    lists += await columnsIn(page, place)
    await expectNoAlert(page, place)
    await expectNoMarkUp(page, place)
    await inDark(page, place, 'filled')
    for (const name of await page.locator('main [role=tab][aria-selected=false]').allInnerTexts()) {
      await page.getByRole('tab', { name, exact: true }).click()
      await settled(page)
      const tab = { ...place, route: `${place.route}/${name}` }
      await inspect(page, tab, 'filled')
      lists += await columnsIn(page, tab)
    }
  })
  expect(lists).toBeGreaterThan(20)
  expect(complaints).toEqual([])
})

test('without a row', async ({ page }) => {
  await known(page)
  await change(page, emptied)
  await visit(page)
  await revisit(page, places, async (place) => {
    await inspect(page, place, 'empty')
    await expectNoAlert(page, place)
    if (places.indexOf(place) < IN_DARK) await inDark(page, place, 'empty')
  })
  expect(complaints).toEqual([])
})

for (const [state, status, problem, says] of [
  ['error', 500, FAILED, 'req_test'],
  ['forbidden', 403, FORBIDDEN, 'bars:read'],
] as const) {
  test(state === 'error' ? 'not readable' : 'forbidden', async ({ page }) => {
    await known(page)
    const refused = await refuse(page, status, problem)
    await visit(page)
    for (const place of places) {
      const before = refused.times
      await go(page, place.path)
      await inspect(page, place, state)
      // Nothing that could not be read is passed over in silence.
      if (refused.times > before && !(await page.locator('main').innerText()).includes(says)) complaints.push(`${place.path}, ${state}: it does not say so`)
      if (places.indexOf(place) < IN_DARK) await inDark(page, place, state)
    }
    expect(refused.times).toBeGreaterThan(places.length / 2)
    expect(complaints).toEqual([])
  })
}

test('not there, with the way back', async ({ page }) => {
  await visit(page)
  const { one } = await routes(page)
  for (const route of one) {
    await go(page, route.replace(/\$\w+/g, 'none_01m8q534mcetb96stazktvr5qb'))
    const path = route.replace(/\/\$.*/, '')
    const back = page.locator(`main a[href="/console${path}"], main a[href^="/console${path}?"]`)
    await inspect(page, { route, path }, 'not there')
    if (!(await back.first().isVisible())) complaints.push(`${route}: no way back to ${path}`)
  }
  expect(complaints).toEqual([])
})

test('a path without a page stands in the shell, with the way on', async ({ page }) => {
  await visit(page, '/nonsense')
  await expect(page).toHaveTitle('There is no such page · onesixty')
  await inspect(page, { route: '/nonsense', path: '/nonsense' }, 'no page')
  await expect(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Messages' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Change mode' })).toBeVisible()
  await page.locator('main').getByRole('link', { name: 'To the first page' }).click()
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeHidden()
  await expect(page).toHaveURL(/\/console\/?$/)
  // Below the path of a page, that page is offered.
  await go(page, '/keys/none/none')
  await expect(page.locator('main').getByRole('link', { name: 'API keys' })).toHaveAttribute('href', '/console/keys')
  expect(complaints).toEqual([])
})

/**
 * Open what a button of the head, or an entry of its menu, opens; look at it, and close it. Returns whether that is a
 * dialog of this page.
 */
async function tryDialog(page: Page, button: Locator, what: string, entry = button): Promise<boolean> {
  const dialog = page.getByRole('dialog')
  const notice = page.locator('.o-notice')
  // What acts at once is refused, which is told; or it saves a file. One of them happens: each is waited for as long.
  const here = new URL(page.url()).pathname
  const saved = page.waitForEvent('download')
  const left = page.waitForURL(({ pathname }) => pathname !== here)
  await Promise.all([entry.click(), Promise.any([dialog.or(notice).first().waitFor({ timeout: 30_000 }), saved, left])])
  if (new URL(page.url()).pathname !== here) return false
  if (!(await dialog.isVisible())) {
    if (await notice.isVisible()) await notice.getByRole('button').click({ timeout: 5_000 }).catch(() => expect(notice).toBeHidden())
    return false
  }
  await settled(page)
  const said = (found: string): void => void complaints.push(`${what}: ${found}`)
  if (((await dialog.getAttribute('aria-labelledby')) ?? (await dialog.getAttribute('aria-label'))) === null) said('it has no name')
  for (const each of await breaches(page, { within: '[role=dialog]' })) said(each)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached', timeout: 10_000 }).catch(() => said('Escape does not close it'))
  await expect(button).toBeFocused({ timeout: 10_000 }).catch(() => said('the focus does not go back'))
  return true
}

/** The same with each entry of a menu. Returns how many dialogs there were. */
async function tryMenu(page: Page, path: string, menu: Locator): Promise<number> {
  const entries = page.getByRole('menuitem')
  let tried = 0
  for (let which = 0, many = 1; which < many; which += 1) {
    await menu.click()
    await entries.first().waitFor()
    many = await entries.count()
    const entry = entries.nth(which)
    tried += Number(await tryDialog(page, menu, `${path}, ${await entry.innerText()}`, entry))
    await go(page, path)
  }
  return tried
}

test('with each dialog of its head', async ({ page }) => {
  await known(page)
  await lookedAt(page)
  await visit(page, '/messages')
  let tried = Number(await tryDialog(page, openers(page, true), 'the request as code'))
  await revisit(page, [...headed], async ({ path }) => {
    for (const button of await openers(page).all()) tried += Number(await tryDialog(page, button, `${path}, ${await button.innerText()}`))
    for (const menu of await menus(page).all()) tried += await tryMenu(page, path, menu)
  })
  expect(tried).toBeGreaterThan(25)
  expect(complaints).toEqual([])
})

test('from right to left', async ({ page }) => {
  await known(page)
  await page.addInitScript(() => localStorage.setItem('onesixty-language', 'ar'))
  await visit(page)
  await revisit(page, places, (place) => inspect(page, place, 'arabic', COLOURS))
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
  const navigation = await page.locator('#navigation').boundingBox()
  expect(navigation?.x).toBeGreaterThan(640)
  expect(complaints).toEqual([])
})

test.describe('before one is signed in', () => {
  test.use({ storageState: { cookies: [], origins: [] } })

  test('a path without a page leads to the sign-in', async ({ page }) => {
    await page.goto('/console/nonsense')
    await expect(page).toHaveURL(/\/sign-in\?to=.*nonsense$/)
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  })

  test('the pages by which one comes in', async ({ page }) => {
    await visit(page, '/sign-in')
    for (const path of (await routes(page)).outside) {
      await go(page, path)
      await inspect(page, { route: path, path }, 'signed-out')
      await inDark(page, { route: path, path }, 'signed-out')
    }
    expect(complaints).toEqual([])
  })
})

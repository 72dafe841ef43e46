// A wrong value in the URL of a page: it is dropped with a notice, and the page is read without it.
import { call, expect, expectAccessible, expectNoSidewaysScroll, test } from './journey.ts'
import { go, linksOf, routes, visit } from './pages.ts'

type Reader = (given: unknown) => unknown
type Router = { routesByPath: Record<string, { options: { validateSearch?: { shape?: Record<string, Reader> } } }> }

test('what is no value of a filter is named, and the others stay', async ({ page }) => {
  await visit(page, '/verify?status=nonsense&channel=sms')
  const notices = page.getByRole('region', { name: 'Notices' })
  await expect(notices).toContainText(/The filter “.?status.?” was dropped: “.?nonsense.?” is no value for it/)
  await expect(page).toHaveURL(/\/verify\?channel=sms$/)
  await expect(page.locator('main [role=alert]')).toHaveCount(0)
  await expectAccessible(page)
  await notices.getByRole('button', { name: 'Close' }).click()
  await expect(notices).not.toContainText('dropped')

  await visit(page, '/messages?created_after=2026-13-45&country=QX&status=sent&colour=red&direction=inbound')
  await expect(notices).toContainText(/“.?created_after.?” was dropped/)
  await expect(notices).toContainText(/“.?country.?” was dropped/)
  await expect(notices).toContainText(/“.?colour.?” was dropped: this page has no such filter/)
  await expect(notices.getByRole('button', { name: 'Close' })).toHaveCount(3)
  await expect(page).toHaveURL(/\/messages\?status=sent&direction=inbound$/)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1280, height: 900 })

  // What the API alone knows to be wrong.
  await visit(page, '/messages?carrier=nowhere&status=sent')
  await expect(notices).toContainText(/“.?carrier.?” was dropped: “.?nowhere.?”/)
  await expect(notices).toContainText('Unknown carrier')
  await expect(page).toHaveURL(/\/messages\?status=sent$/)
  await expect(page.locator('main [role=alert]')).toHaveCount(0)
})

test('a name that a page does not have is named, on a page with no filters, too', async ({ page }) => {
  const notices = page.getByRole('region', { name: 'Notices' })
  await visit(page, '/carriers?colour=red')
  await expect(notices).toContainText(/“.?colour.?” was dropped: this page has no such filter/)
  await expect(page).toHaveURL(/\/carriers$/)
  const { data } = await call('GET', '/v1/carriers')
  await visit(page, `/carriers/${data[0].id}?shade=red`)
  await expect(notices).toContainText(/“.?shade.?” was dropped/)
  await expect(page).toHaveURL(/\/carriers\/[^?]+$/)
  await visit(page, '/?shade=red')
  await expect(notices).toContainText(/“.?shade.?” was dropped/)
  await expect(page).not.toHaveURL(/shade/)
})

test('a filter is not given what is no value of it', async ({ page }) => {
  await visit(page, '/messages?country=de')
  await page.getByRole('button', { name: /^Country/ }).click()
  const field = page.getByRole('textbox', { name: 'Country' })
  await field.fill('nonsense')
  await page.keyboard.press('Enter')
  await expect(page.getByText('This is no value for this filter.')).toBeVisible()
  await field.fill('fr')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/country=FR$/)
})

/** Not filters: the page is about the thing that they name, and says that it is not there. */
const THINGS: readonly string[] = ['/send?again']

test('no page fails to be read for a value of its URL', async ({ page }) => {
  test.setTimeout(600_000)
  await visit(page)
  const { plain, one } = await routes(page)
  const names = await page.evaluate(() => {
    const { routesByPath } = (window as unknown as { __TSR_ROUTER__: Router }).__TSR_ROUTER__
    return Object.fromEntries(Object.entries(routesByPath).map(([path, { options }]) => [path, Object.keys(options.validateSearch?.shape ?? {})]))
  })
  const links: string[] = []
  const complaints: string[] = []
  let tried = 0
  for (const route of [...plain, ...one]) {
    const form = new RegExp(`^${route.replace(/\$\w+/g, '[^/]+')}$`)
    const path = route.includes('$') ? links.find((link) => form.test(link) && !plain.includes(link)) : route
    if (path === undefined) continue
    const asked = names[route] ?? []
    if (asked.length === 0 && route.includes('$')) continue
    if (asked.length === 0) await go(page, path)
    for (const name of asked) {
      if (THINGS.includes(`${path}?${name}`)) continue
      await go(page, path, { [name]: 'nonsense' })
      tried += 1
      for (const said of await page.locator('main [role=alert]').allInnerTexts()) complaints.push(`${path}?${name}=nonsense: ${said}`)
      if (await page.getByText('This page failed').isVisible()) complaints.push(`${path}?${name}=nonsense: it crashed`)
    }
    links.push(...(await linksOf(page)))
  }
  expect(tried).toBeGreaterThan(80)
  expect(complaints).toEqual([])
})

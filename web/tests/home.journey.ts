// The first page: every number equals the list that it leads to, and the first steps follow what is really there.
import type { Page } from '@playwright/test'
import { asOwner, call, expect, expectNoSidewaysScroll, test } from './journey.ts'

/** The rows of the list that is shown. Each end of the list reads the next ones, until there are all. */
async function rows(page: Page): Promise<number> {
  const table = page.getByRole('main').getByRole('table').first()
  await expect(table.or(page.getByText('Nothing matches these filters'))).toBeVisible()
  if ((await table.count()) === 0) return 0
  await expect(async () => {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
    expect(await table.getAttribute('aria-rowcount')).not.toBe('-1')
  }).toPass({ timeout: 30_000, intervals: [100] })
  return Number(await table.getAttribute('aria-rowcount')) - 1
}

const home = (page: Page): Promise<void> => page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Home' }).click()

/** The links of the page to a list whose text has a number, by the words beside it. */
const figures = (page: Page): Promise<{ name: string; number: number; place: number }[]> =>
  page.locator('main a').evaluateAll((links) =>
    links
      .map((link, place) => ({ place, text: link.textContent ?? '', path: new URL((link as HTMLAnchorElement).href).pathname }))
      .filter(({ text, path }) => /\d/.test(text) && /^\/console\/[a-z-]+$/.test(path))
      .map(({ place, text }) => ({ place, name: text.replace(/[\d,]+/, '').trim(), number: Number(/[\d,]+/.exec(text)?.[0].replaceAll(',', '')) })),
  )

test('every number is that of its list', async ({ page }) => {
  test.slow()
  for (const to of ['+15000160001', '+15000160001', '+15000160022', '+15000160013']) {
    await call('POST', '/v1/sms/send', { to, from: '+15557654321', text: 'Hello' })
  }
  await call('POST', '/v1/sms/send', { to: '+15000160001', from: 'Acme', text: 'Later', scheduled_at: new Date(Date.now() + 86_400_000).toISOString() })

  await page.goto('/console/')
  await expect(page.getByText('How many arrived in the last day?')).toBeVisible()
  await expect(page.getByRole('main')).not.toContainText('…')
  const named = async (): Promise<string[]> => (await figures(page)).map(({ name }) => name)
  await expect.poll(named).toEqual(expect.arrayContaining(['Messages, last hour', 'Failed, last hour', 'Held', 'Scheduled', 'Delivered:', 'Not delivered:']))
  const names = await named()

  // Other tests send meanwhile: a number and its list are read until both are of one moment.
  for (const name of names) {
    await expect(async () => {
      await home(page)
      await expect(page.getByRole('main')).not.toContainText('…')
      const figure = (await figures(page)).find((each) => each.name === name)
      if (figure === undefined) throw new Error(`${name} is gone`)
      await page.locator('main a').nth(figure.place).click()
      expect(await rows(page), name).toBe(figure.number)
    }).toPass({ timeout: 90_000 })
  }
})

test('the first steps lead to a message that is tried out', async ({ page }) => {
  // In a new account, where none is done yet.
  const { id } = await asOwner('POST', '/v1/accounts', { name: 'New here', price_per_segment: '0.05', currency: 'EUR' })
  await page.setViewportSize({ width: 320, height: 700 })
  await page.goto(`/console/?account=${id}`)
  const steps = page.getByRole('region', { name: 'First steps' })
  await expect(steps.getByRole('link', { name: 'Send a test message' })).toBeVisible()
  // Who begins reads them before figures that are all nought.
  await expect(page.getByRole('main').getByRole('heading', { level: 2 }).first()).toHaveText('First steps')
  await expectNoSidewaysScroll(page)
  await steps.getByRole('button', { name: 'Hide' }).click()
  await expect(steps).toHaveCount(0)
})

// Analytics: every number equals the count of the list that it leads to, and a question becomes a saved report.
import type { Page } from '@playwright/test'
import { traffic } from './analytics.seed.ts'
import { call, expect, expectAccessible, expectNoSidewaysScroll, test } from './journey.ts'
import { picture } from './looks.ts'

const TABLES = ['places', 'times', 'errors', 'senders', 'money'].map((name) => `table=${name}`).join('&')

type Linked = { number: number; to: string; text: string }

/** All numbers that lead to lists of messages. */
async function numbers(page: Page): Promise<Linked[]> {
  const links = page.locator('.o-lead a, .o-question a').and(page.locator('a[href*="/messages?"]'))
  await expect(links.first()).toBeVisible()
  const found = await links.evaluateAll((all) => all.map((link) => ({ text: link.textContent ?? '', to: link.getAttribute('href') ?? '' })))
  return found.filter(({ text }) => /^[\d,]+$/.test(text)).map((link) => ({ ...link, number: Number(link.text.replaceAll(',', '')) }))
}

/** How many messages the list behind a link has, by the API: its filters have the names of the API. */
async function counted(to: string, headers: Record<string, string>): Promise<number> {
  const query = new URL(to, 'http://x').searchParams
  for (const [name, value] of [...query]) if (value === 'none') query.set(name, '')
  for (const name of ['account', 'mode']) query.delete(name)
  return (await call('GET', `/v1/messages/counts?${query}`, undefined, headers)).total
}

async function waited(page: Page): Promise<void> {
  await expect(page.locator('.o-lead')).toBeVisible()
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
}

test('every number is that of its list', async ({ page }) => {
  const { id } = await call('POST', '/v1/accounts', { name: 'Figures', price_per_segment: '0.05', currency: 'EUR', credit_limit: '1000' })
  const headers = { 'Onesixty-Account': id as string }
  await traffic((method, path, body) => call(method, path, body, path === '/v1/number-ranges' ? {} : headers))

  // As charts and as tables: no number of either differs from its list.
  for (const tables of ['', `&${TABLES}`]) {
    await page.goto(`/console/analytics?account=${id}&last=24h${tables}`)
    await waited(page)
    if (tables === '') {
      await expectAccessible(page)
      await picture(page, 'analytics', 'analytics', true)
    }
    await expect.poll(async () => (await numbers(page)).length).toBeGreaterThan(12)
    await expect(page.locator('.o-lead')).toContainText(/All messages together cost €\d/)
    for (const { number, to, text } of await numbers(page)) expect(await counted(to, headers), `${text}: ${to}`).toBe(number)
  }

  // The list itself shows the same number, and nothing of costs is shown to a customer.
  await expect(page.getByRole('heading', { name: 'What is left of the money?' })).toHaveCount(0)
  const errors = page.getByRole('region', { name: 'Which errors cost most?' })
  const row = errors.getByRole('row').filter({ hasText: 'The carrier could not deliver it' })
  const count = Number(await row.getByRole('link').innerText())
  await row.getByRole('link').click()
  await expect(page.getByRole('table', { name: 'Messages' })).toHaveAttribute('aria-rowcount', `${count + 1}`)
  await expect(page).toHaveURL(/error_code=undeliverable/)
})

test('costs are those of the list, over all accounts too', async ({ page }) => {
  await traffic((method, path, body) => call(method, path, body))
  for (const all of ['', '&accounts=all']) {
    // Other tests send meanwhile: figures and lists are read until both are of one moment.
    await expect(async () => {
      await page.goto(`/console/analytics?last=24h&table=money${all}`)
      await waited(page)
      const money = page.getByRole('region', { name: 'What is left of the money?' })
      const links = (await numbers(page)).filter(({ to }) => to.includes('carrier='))
      await expect(money.getByRole('row')).not.toHaveCount(1)
      expect(links.length).toBeGreaterThan(0)
      for (const { number, to } of links) expect(await counted(to, {}), to).toBe(number)
    }).toPass({ timeout: 90_000 })
  }
})

test('what each account spent is over all accounts, and opens its messages', async ({ page }) => {
  await traffic((method, path, body) => call(method, path, body))
  await page.goto('/console/analytics?last=24h')
  const money = page.getByRole('region', { name: 'What is left of the money?' })
  await expect(money.getByRole('radio', { name: 'Country' })).toHaveCount(1)
  await expect(money.getByRole('radio', { name: 'Account', exact: true })).toHaveCount(0)
  await expect(async () => {
    await page.goto('/console/analytics?last=24h&accounts=all&money=account&table=money')
    await waited(page)
    const rows = money.getByRole('row')
    await expect(rows).not.toHaveCount(1)
    const links = (await numbers(page)).filter(({ to }) => to.includes('status=') && !to.includes('account_id=') && !to.includes('error_code='))
    expect(links.length).toBeGreaterThan(0)
    for (const { number, to } of links) {
      const account = new URL(to, 'http://a').searchParams.get('account')
      expect(await counted(to, account === null ? {} : { 'Onesixty-Account': account }), to).toBe(number)
    }
  }).toPass({ timeout: 90_000 })
})

test('filters that are not kept together are named once, and nothing is asked', async ({ page }) => {
  await traffic((method, path, body) => call(method, path, body))
  const asked: string[] = []
  page.on('request', (request) => request.url().includes('/v1/reports/messages') && asked.push(request.url()))
  await page.goto('/console/analytics?last=24h&sender=Figures&carrier=tokyo')
  await expect(page.getByText('Not counted by these filters: Sender, Carrier')).toBeVisible()
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
  await page.getByRole('button', { name: 'Refresh' }).click()
  await expectAccessible(page)
  expect(asked).toEqual([])

  await page.getByRole('button', { name: 'Drop the filters' }).click()
  await expect(page).toHaveURL(/analytics\?last=24h$/)
  await waited(page)
  await expect(page.locator('.o-lead a').first()).toBeVisible()
})

test('a question becomes a saved report', async ({ page }) => {
  await traffic((method, path, body) => call(method, path, body))
  await page.setViewportSize({ width: 320, height: 700 })
  await page.goto('/console/analytics?last=24h')
  await waited(page)
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1280, height: 900 })

  await page.getByRole('button', { name: 'More: Which errors cost most?' }).click()
  await page.getByRole('menuitem', { name: 'Save as report' }).click()
  const form = page.getByRole('dialog', { name: 'New report' })
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Errors of the day')
  await expectAccessible(page)
  await form.getByRole('button', { name: 'Save the report' }).click()
  await expect(page.getByRole('heading', { name: 'Errors of the day', level: 1 })).toBeVisible()
  await expect(page.getByText('Error and Status')).toBeVisible()
  const loads = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download', exact: true }).click()
  expect((await loads).suggestedFilename()).toMatch(/^Errors of the day-.*\.csv$/)
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByRole('heading', { name: 'Saved reports', level: 1 })).toBeVisible()
})

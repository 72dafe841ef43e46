// A list of 100,000 rows: few of them are in the page, and each says its true place.
import { call, expect, expectAccessible, test } from './journey.ts'
import { go, settled, visit } from './pages.ts'

const ROWS = 100_000
const PAGE = 10_000

test('100,000 rows', async ({ page }) => {
  test.setTimeout(120_000)
  const { id } = await call('POST', '/v1/sms/send', { to: '+15000160001', from: 'Acme', text: 'One of many' })
  const one = await call('GET', `/v1/messages/${id}`)
  await page.route('**/v1/messages?*', (route) => {
    const after = Number(new URL(route.request().url()).searchParams.get('after') ?? 0)
    // Newer than all that there is, by their ids: what the feed tells of the true one is not new to the list.
    const data = Array.from({ length: PAGE }, (_, place) => ({ ...one, id: `msg_z${after + place}`, text: `Number ${after + place}` }))
    const next = after + PAGE < ROWS ? String(after + PAGE) : null
    return route.fulfill({ contentType: 'application/json', body: JSON.stringify({ data, next }) })
  })
  await visit(page)
  await go(page, '/messages')
  const table = page.getByRole('table', { name: 'Messages' })
  await expect(table).toHaveAttribute('aria-rowcount', '-1')

  // Each end of the list reads the next rows, until there are all.
  await expect(async () => {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
    expect(await table.getAttribute('aria-rowcount')).toBe(String(ROWS + 1))
  }).toPass({ timeout: 90_000, intervals: [100] })

  for (const share of [0, 0.5, 0.999, 1]) {
    await page.evaluate((part) => scrollTo(0, document.documentElement.scrollHeight * part), share)
    await settled(page)
    await expect(async () => {
      const rows = await table.evaluate((list) =>
        [...list.querySelectorAll('[role=row]')].map((row) => ({ index: Number(row.getAttribute('aria-rowindex')), text: (row as HTMLElement).innerText })),
      )
      expect(rows.length).toBeLessThan(60)
      expect(rows[0]?.index).toBe(1) // the head
      for (const { index, text } of rows.slice(1)) expect(text).toMatch(new RegExp(`Number ${index - 2}\\b`))
      // What is in the window is in the page.
      const [first, last] = [rows[1]?.index ?? 0, rows.at(-1)?.index ?? 0]
      if (share === 0) expect(first).toBe(2)
      if (share === 1) expect(last).toBe(ROWS + 1)
      if (share === 0.5) expect(first).toBeGreaterThan(ROWS * 0.4)
    }).toPass({ timeout: 30_000 })
  }
})

test('rows that could not be read again are greyed until they are', async ({ page }) => {
  await call('POST', '/v1/sms/send', { to: '+15000160002', from: 'Acme', text: 'Read once' })
  await visit(page, '/messages')
  const table = page.getByRole('table', { name: 'Messages' })
  const row = table.getByRole('row').nth(1)
  const colour = (): Promise<string> => row.evaluate((shown) => getComputedStyle(shown).color)
  const fresh = await colour()

  const refused = { title: 'Broken', status: 500, code: 'internal_error', detail: '', retryable: false, request_id: 'req_1', doc_url: '' }
  await page.route('**/v1/messages?*', (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(refused) }))
  await page.getByRole('button', { name: 'Refresh' }).click()
  await expect(page.getByText('This could not be read again; below is what was read before')).toBeVisible()
  expect(await colour()).not.toBe(fresh)
  await expectAccessible(page)
  await page.emulateMedia({ colorScheme: 'dark' })
  await expectAccessible(page)
  await page.emulateMedia({ colorScheme: 'light' })

  await page.unroute('**/v1/messages?*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByText('This could not be read again')).toHaveCount(0)
  expect(await colour()).toBe(fresh)
})

test('captures are filtered by their state and subject', async ({ page }) => {
  const { id: message } = await call('POST', '/v1/sms/send', { to: '+15000160003', from: 'Acme', text: 'Captured' })
  const { id } = await call('POST', '/v1/captures', { message_id: message, seconds: 600 })
  await visit(page, `/captures?message_id=${message}`)
  const rows = page.getByRole('table', { name: 'Captures' }).getByRole('row')
  await expect(rows).toHaveCount(2)
  await call('POST', `/v1/captures/${id}/stop`)
  await go(page, '/captures', { message_id: message, status: 'running' })
  await expect(rows).toHaveCount(0)
  await page.getByRole('button', { name: 'Clear all filters' }).first().click()
  await expect(page).toHaveURL(/\/captures$/)
  await expect(rows.filter({ hasText: 'Message' })).not.toHaveCount(0)
})

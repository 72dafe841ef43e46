// "My message did not arrive": from the first page to the reason in three clicks at most, and what can be done then.
import { call, expect, expectAccessible, expectNoSidewaysScroll, test } from './journey.ts'
import type { Json } from './product.ts'

const SENDER = '+15557654321'

/** Wait until a message has this status. */
async function ended(id: string, status: string): Promise<void> {
  await expect.poll(async () => ((await call('GET', `/v1/messages/${id}`)) as Json).status, { timeout: 30_000 }).toBe(status)
}

const send = async (to: string, reference: string): Promise<string> =>
  (await call('POST', '/v1/sms/send', { to, from: SENDER, text: `Your code is 4711 (${reference})`, reference })).id

test('my message did not arrive', async ({ page }, info) => {
  const failed = await send('+15000160013', 'journey-undelivered')
  await send('+15000160001', 'journey-delivered')
  await ended(failed, 'undelivered')

  await page.goto('/console/')
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Messages' }).click()
  await expect(page.getByRole('heading', { name: 'Messages', level: 1 })).toBeVisible()
  const table = page.getByRole('table', { name: 'Messages' })
  const row = table.getByRole('row').filter({ hasText: 'journey-undelivered' })
  await expect(row).toContainText('The carrier could not deliver it')
  await expectAccessible(page)
  await row.getByRole('link').first().click()

  const why = page.getByRole('region', { name: 'The carrier could not deliver it' })
  await expect(why).toContainText('Check the number')
  await expect(why.getByRole('link', { name: 'About this error' })).toHaveAttribute('href', /\/docs\/errors#undeliverable$/)
  const happened = page.getByRole('list', { name: 'What happened' })
  await expect(happened).toContainText('The carrier took it')
  await expect(happened).toContainText('Delivery report: not delivered')
  await happened.getByText('What the carrier said').first().click()
  await expectAccessible(page)
  await page.screenshot({ path: info.outputPath('message.png'), fullPage: true })
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await page.screenshot({ path: info.outputPath('message-narrow.png'), fullPage: true })
  await page.setViewportSize({ width: 1280, height: 900 })

  // The same error, counted as it is listed; the filter is in the URL, and back restores the page.
  await why.getByRole('link', { name: 'Messages with the same error' }).click()
  await expect(page).toHaveURL(/\/messages\?error_code=undeliverable$/)
  const rows = await call('GET', '/v1/messages?error_code=undeliverable&limit=100')
  await expect(table).toHaveAttribute('aria-rowcount', `${rows.data.length + 1}`)
  await expect(page.getByRole('navigation', { name: 'By status' }).getByRole('link', { name: /^All/ })).toContainText(`${rows.data.length}`)
  await page.goBack()
  await expect(why).toBeVisible()

  // Its text can be deleted for good.
  await page.getByRole('button', { name: 'Delete the text' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete the text' }).click()
  await expect(page.getByText('The text was deleted')).toBeVisible()
})

test('filters by a part of a number, and new messages wait while one reads', async ({ page }) => {
  // A number of its own: other tests send meanwhile.
  await ended(await send('+15000160016', 'journey-first'), 'delivered')
  await page.goto('/console/messages')
  await page.getByRole('textbox', { name: 'Filter: a number, a status, a code' }).fill('0160016')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/number=0160016/)
  await expect(page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'All' })).not.toHaveAttribute('aria-current')
  const table = page.getByRole('table', { name: 'Messages' })
  await expect(table.getByRole('row').filter({ hasText: 'journey-first' })).toBeVisible()
  await expect(page.locator('.o-live').getByText('Live', { exact: true })).toBeVisible()

  // A row is pointed at: the new one waits behind the bar, and comes when it is asked for.
  await table.getByRole('row').filter({ hasText: 'journey-first' }).hover()
  await send('+15000160016', 'journey-second')
  const bar = page.getByRole('button', { name: '1 new' })
  await expect(bar).toBeVisible()
  await expect(table).not.toContainText('journey-second')
  await bar.click()
  await expect(table).toContainText('journey-second')

  // The search box finds it by a part of its number, too.
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search' }).fill('1500016')
  await page.getByRole('option', { name: 'Messages with 1500016' }).click()
  await expect(page).toHaveURL(/\/messages\?number=1500016$/)
})

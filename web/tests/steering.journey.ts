// Operators steer traffic without a mouse: they change the order of the routes and see where a message would go then,
// and they pause a carrier and resume it.
import type { Locator, Page } from '@playwright/test'
import { asOwner, call, expect, expectAccessible, expectNoSidewaysScroll, test } from './journey.ts'
import { picture } from './looks.ts'
import type { Json } from './product.ts'

const NUMBER = '+3546112345'

/** Press Tab until it has the focus: it is reached without a mouse. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  for (let steps = 0; steps < 80; steps += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${target.toString()}`)
}

/** Two carriers, each with a route for Iceland, where nobody else sends anything. */
async function twoRoutes(): Promise<void> {
  for (const [name, cost] of [['north', '0.010'], ['south', '0.040']] as const) {
    await call('POST', '/v1/carriers', { name, type: 'simulator', cost_per_segment: cost, currency: 'EUR' })
    await call('POST', '/v1/routes', { name: `iceland-${name}`, carriers: [name], match: { countries: ['IS'] }, priority: 10 })
  }
}

test('the order of routes is changed with the keyboard, tried before, and counts', async ({ page }) => {
  await twoRoutes()
  await call('POST', '/v1/sms/send', { to: NUMBER, from: 'Acme', text: 'Halló' })
  await page.goto(`/console/routes?to=${encodeURIComponent(NUMBER)}&from=Acme`)
  const tried = page.getByRole('region', { name: 'Try a message' })
  await expect(tried.getByRole('list').first()).toContainText('north')

  // By mouse: a row is dragged above the other, and the change is taken back.
  const rows = page.getByRole('table', { name: 'Routes' }).getByRole('row')
  const south = rows.filter({ has: page.getByRole('link', { name: 'iceland-south' }) })
  const north = rows.filter({ has: page.getByRole('link', { name: 'iceland-north' }) })
  await south.locator('.o-grip').dragTo(north, { targetPosition: { x: 60, y: 4 } })
  await expect(page.getByText('1 route was moved.')).toBeVisible()
  await expect(page.getByRole('link', { name: /^iceland-/ })).toHaveText(['iceland-south', 'iceland-north'])
  await page.getByRole('button', { name: 'Discard changes' }).click()
  await expect(page.getByText('1 route was moved.')).toBeHidden()

  await tabTo(page, page.getByRole('button', { name: 'Move iceland-south up' }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('status').filter({ hasText: /iceland-south is at place \d of/ })).toBeAttached()
  await expect(page.getByRole('button', { name: 'Move iceland-south up' })).toBeFocused()
  await expectAccessible(page)
  await tabTo(page, page.getByRole('button', { name: 'Review' }))
  await page.keyboard.press('Enter')

  // What differs, and what it would have done with the messages of the last day.
  const dialog = page.getByRole('dialog', { name: 'New order of the routes' })
  await expect(dialog).toContainText('1 of')
  await expect(dialog.getByRole('row').filter({ hasText: 'iceland-south' })).toContainText('IS')
  await expect(dialog).toContainText('€0.03 more')
  await expectAccessible(page)
  await picture(page, 'steering', 'review')

  // Somebody else is faster: the page says what they changed, and goes on with both.
  await call('PATCH', '/v1/routes/iceland-north', { match: { countries: ['IS', 'GL'] } })
  await tabTo(page, dialog.getByRole('button', { name: 'Save the order' }))
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toContainText('iceland-north was changed.')
  await tabTo(page, dialog.getByRole('button', { name: 'Keep mine on top of it' }))
  await page.keyboard.press('Enter')
  await tabTo(page, dialog.getByRole('button', { name: 'Save the order' }))
  await page.keyboard.press('Enter')
  await expect(page.getByText('The new order holds.')).toBeVisible()
  await expect(tried.getByRole('list').first()).toContainText('south')
  const names = (await call('GET', '/v1/routes')).data.map((route: Json) => route.name)
  expect(names.indexOf('iceland-south')).toBeLessThan(names.indexOf('iceland-north'))

  // A route is changed on its page; what differs is shown, and one that cannot be is refused at its field.
  await page.getByRole('table', { name: 'Routes' }).getByRole('link', { name: 'iceland-south' }).click()
  await page.getByRole('button', { name: 'Add carriers that take over' }).click()
  const later = page.getByRole('group', { name: /^Choice 2/ })
  await later.getByRole('combobox', { name: 'Carrier' }).fill('nowhere')
  await page.getByRole('button', { name: 'Review' }).click()
  await expect(page.getByText('Unknown carrier nowhere.').first()).toBeVisible()
  await later.getByRole('combobox', { name: 'Carrier' }).fill('north')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Review' }).click()
  const review = page.getByRole('dialog', { name: 'What changes in iceland-south' })
  await expect(review.getByRole('row').filter({ hasText: 'Carriers' })).toContainText('north')
  await review.getByRole('button', { name: 'Save the route' }).click()
  await expect(page.getByText('iceland-south is saved.')).toBeVisible()
  expect((await call('GET', '/v1/routes/iceland-south')).carriers).toEqual(['south', 'north'])
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await call('DELETE', '/v1/routes/iceland-south')
  await call('DELETE', '/v1/routes/iceland-north')
})

test('the search box pauses a carrier by its name', async ({ page }) => {
  await page.goto('/console/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.keyboard.press('Control+k')
  const search = page.getByRole('combobox', { name: 'Search' })
  await search.fill('pause sim-d')
  await expect(page.getByRole('option', { name: 'Pause sim-de Command' })).toBeVisible()
  await search.press('Enter')
  const form = page.getByRole('dialog', { name: 'Pause something' })
  await expect(form.getByRole('combobox', { name: 'Carrier' }).or(form.getByRole('textbox', { name: 'Carrier' }))).toHaveValue('sim-de')
})

test('a carrier is paused and resumed with the keyboard alone', async ({ page }) => {
  await asOwner('POST', '/v1/carriers', { name: 'quiet', type: 'simulator' })
  await call('POST', '/v1/routes', { name: 'quietly', carriers: ['quiet'], match: { countries: ['FO'] } })
  await page.goto('/console/pauses')
  await tabTo(page, page.getByRole('button', { name: 'Pause something' }).first())
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Pause something' })
  await tabTo(page, dialog.getByRole('combobox', { name: 'Carrier', exact: true }))
  await page.keyboard.type('quiet')
  await expect(dialog.getByText('Nothing waits for it now.')).toBeVisible()
  await tabTo(page, dialog.getByRole('textbox', { name: 'Reason' }))
  await page.keyboard.type('works until noon')
  await tabTo(page, dialog.getByRole('button', { name: 'Pause', exact: true }))
  await page.keyboard.press('Enter')
  const row = page.getByRole('table', { name: 'Pauses' }).getByRole('row').filter({ hasText: 'quiet' })
  await expect(row).toContainText('works until noon')

  const { id } = await call('POST', '/v1/sms/send', { to: '+298211234', from: 'Acme', text: 'Hey' })
  await tabTo(page, row.getByRole('button', { name: 'Resume' }))
  await page.keyboard.press('Enter')
  const asks = page.getByRole('dialog', { name: 'Resume quiet?' })
  await expect(asks.getByText('1 message waits and will be sent.')).toBeVisible()
  await expectAccessible(page)
  await tabTo(page, asks.getByRole('button', { name: 'Resume' }))
  await page.keyboard.press('Enter')
  await expect(row).toBeHidden()
  await expect.poll(async () => (await call('GET', `/v1/messages/${id}`)).status).toMatch(/sent|delivered|failed|undelivered/)
  await call('DELETE', '/v1/routes/quietly')
})

test('how many messages wait for a paused carrier is a number that opens them', async ({ page }) => {
  await page.route('**/v1/carrier-states*', async (route) => {
    const answer = await route.fetch()
    const { data, ...more } = await answer.json()
    // As a node says that has none of them at hand.
    await route.fulfill({ response: answer, json: { ...more, data: data.map((carrier: Json) => ({ ...carrier, queue: { ...carrier.queue, waiting: 0, more: true, oldest_seconds: 60 } })) } })
  })
  await page.route('**/v1/messages/counts*', async (route) => {
    if (!route.request().url().includes('carrier=')) return route.fallback()
    await route.fulfill({ json: { group_by: 'status', counts: { queued: 72 }, total: 72, as_of: '2026-12-01T12:56:10.093Z', exact: true, next: null } })
  })
  await page.goto('/console/carriers')
  const waiting = page.getByRole('article').first().getByRole('link', { name: '72', exact: true })
  await expect(waiting).toHaveAttribute('href', /\/messages\?.*status=queued/)
  await waiting.click()
  await expect(page).toHaveURL(/carrier=.*status=queued|status=queued.*carrier=/)
})

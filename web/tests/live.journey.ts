// The live feed: one connection for all tabs, many events a second, breaks, and events of a newer server.
import type { Request } from '@playwright/test'
import { Between } from './between.ts'
import { call, expect, test } from './journey.ts'
import type { Json } from './product.ts'

const SENDER = '+15557654321'
const RATE = 500
const SECONDS = 3

test('eight tabs have one connection, and all are told', async ({ page, context }) => {
  test.slow() // eight tabs
  const asked = new Set<Request>()
  context.on('request', (request) => request.url().endsWith('/v1/events') && asked.add(request))
  context.on('requestfailed', (request) => asked.delete(request))
  const connections = (): number => [...asked].filter((request) => !request.frame().page().isClosed()).length
  const tabs = [page]
  while (tabs.length < 8) tabs.push(await context.newPage())
  // A number of their own, so that other tests tell them nothing.
  for (const tab of tabs) await tab.goto('/console/messages?number=15000160052')
  for (const tab of tabs) await expect(tab.locator('.o-live').getByText('Live', { exact: true })).toBeVisible()
  expect(connections()).toBe(1)

  await call('POST', '/v1/sms/send', { to: '+15000160052', from: SENDER, text: 'To all eight' })
  for (const tab of tabs) await expect(tab.getByRole('table', { name: 'Messages' })).toContainText('To all eight')

  // The tab with the connection is closed: another takes it over, and nothing is lost.
  await page.close()
  await expect.poll(connections).toBe(1)
  await call('POST', '/v1/sms/send', { to: '+15000160052', from: SENDER, text: 'To the other seven' })
  for (const tab of tabs.slice(1)) await expect(tab.getByRole('table', { name: 'Messages' })).toContainText('To the other seven')
})

test.describe('with a feed that the test holds', () => {
  let between: Between
  let message: Json

  test.beforeAll(async () => {
    const { id } = await call('POST', '/v1/sms/send', { to: '+15000160053', from: SENDER, text: 'The first of many' })
    message = await call('GET', `/v1/messages/${id}`)
  })
  test.afterAll(() => between.stop())
  // The place of the site, and not a site elsewhere: cookies belong to a host, whatever its port.
  test.use({
    baseURL: async ({}, use) => {
      between ??= await Between.before(process.env.CONSOLE_PRODUCT ?? '')
      await use(between.url)
    },
  })

  const event = (place: number, type = 'message.queued'): { type: string; data: unknown } => ({
    type,
    data: { type, timestamp: message.created_at, data: { ...message, id: `msg_9${String(place).padStart(25, '0')}`, text: `Number ${place}` } },
  })

  test('500 events a second: at most four updates a second, and the list can be used', async ({ page }) => {
    test.slow()
    await page.goto('/console/messages?number=15000160053')
    const table = page.getByRole('table', { name: 'Messages' })
    await expect(table).toContainText('The first of many')
    await expect.poll(() => between.connected).toBe(1)
    const before = Number(await table.getAttribute('aria-rowcount'))

    // Each change of the number of rows is one update.
    await page.evaluate(() => {
      const told = { updates: 0, since: performance.now() }
      Object.assign(window, { told })
      const list = document.querySelector('.o-messages [role=table]')
      if (list !== null) new MutationObserver(() => (told.updates += 1)).observe(list, { attributeFilter: ['aria-rowcount'] })
    })
    let sent = 0
    const timer = setInterval(() => {
      const many = Array.from({ length: RATE / 50 }, () => event((sent += 1)))
      between.tell(many)
      if (sent >= RATE * SECONDS) clearInterval(timer)
    }, 20)
    const waiting = page.getByRole('status').getByRole('button', { name: /new$/ })
    const arrived = async (): Promise<number> =>
      Number(await table.getAttribute('aria-rowcount')) - before + ((await waiting.isVisible()) ? Number((await waiting.innerText()).replace(/\D/g, '')) : 0)
    await expect.poll(arrived, { timeout: 30_000 }).toBe(RATE * SECONDS)
    const { updates, passed } = await page.evaluate(() => {
      const { told } = window as unknown as { told: { updates: number; since: number } }
      return { updates: told.updates, passed: performance.now() - told.since }
    })
    expect(updates).toBeGreaterThan(0)
    expect(updates).toBeLessThanOrEqual(Math.ceil(passed / 250) + 1)

    // Who points at a row reads on: the row stays where it is while others come, and leads to its message.
    await page.evaluate(() => scrollTo(0, 0))
    await expect(table.getByRole('row').nth(1)).toHaveAttribute('aria-rowindex', '2')
    const row = table.getByRole('row').nth(4)
    await row.hover()
    const [place, text] = [await row.boundingBox(), await row.innerText()]
    for (let more = 0; more < 5; more += 1) between.tell(Array.from({ length: 100 }, () => event((sent += 1))))
    await expect(waiting).toBeVisible()
    expect(await row.innerText()).toBe(text)
    expect((await row.boundingBox())?.y).toBe(place?.y)
    await row.getByRole('link').first().click()
    await expect(page).toHaveURL(/\/messages\/msg_9/)
  })

  test('a feed that breaks comes back behind its last event', async ({ page }) => {
    await page.goto('/console/messages?number=15000160053')
    const table = page.getByRole('table', { name: 'Messages' })
    await expect(table).toContainText('The first of many')
    await expect.poll(() => between.connected).toBe(1)
    between.tell([event(90_001)])
    await expect(table).toContainText('Number 90001')

    between.breakOff()
    await expect(page.getByText('Reconnecting since')).toBeVisible()
    between.comeBack()
    await expect.poll(() => between.connected).toBe(1)
    expect(between.asked.at(-1)).toBe(between.last)
    await expect(page.getByText('Reconnecting since')).toHaveCount(0)
    between.tell([event(90_002)])
    await expect(table).toContainText('Number 90002')
  })

  test('a list that is read again has no more to show, and Refresh reads it with its counts', async ({ page }) => {
    const table = page.getByRole('table', { name: 'Messages' })
    const waiting = page.getByRole('status').getByRole('button', { name: /new$/ })
    for (const [place, span] of ['', '&last=1h'].entries()) {
      await page.goto(`/console/messages?number=15000160053${span}`)
      await expect(table).toContainText('The first of many')
      await expect.poll(() => between.connected).toBe(1)
      await table.getByRole('row').nth(1).hover()
      between.tell([event(90_010 + place)])
      await expect(waiting).toBeVisible()

      const read = ['/v1/messages', '/v1/messages/counts'].map((path) => page.waitForResponse((answer) => new URL(answer.url()).pathname === path))
      await page.getByRole('button', { name: 'Refresh' }).click()
      await Promise.all(read)
      // The server does not know what the test told: it is gone, as what is read counts.
      await expect(waiting).toHaveCount(0)
      await expect(table).not.toContainText('Number 9001')
    }
  })

  test('events that a newer server tells break nothing', async ({ page }) => {
    await page.goto('/console/messages?number=15000160053')
    const table = page.getByRole('table', { name: 'Messages' })
    await expect(table).toContainText('The first of many')
    await expect.poll(() => between.connected).toBe(1)
    between.tell([
      { type: 'planet.moved', data: { type: 'planet.moved', data: null } },
      { type: 'message.teleported', data: { type: 'message.teleported', data: { where: 'elsewhere' } } },
      { type: 'message.teleported', data: { type: 'message.teleported', data: null } },
      { type: 'message.teleported', data: 'not even an object' },
      event(90_003, 'message.dreamt'),
    ])
    await expect(table).toContainText('Number 90003')
  })
})

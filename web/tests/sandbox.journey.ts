// Does an integration work without a carrier? A number with a fixed outcome, and a scenario with what the webhook got.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { asOwner, call, expect, expectAccessible, expectNoSidewaysScroll, test } from './journey.ts'
import { picture } from './looks.ts'

const TEST = { 'Onesixty-Mode': 'test' }

test('send to a fixed number, then play a scenario and see its result', async ({ page }) => {
  const got: string[] = []
  const server = createServer((request, answer) => {
    request.on('data', (chunk: Buffer) => got.push(chunk.toString()))
    request.on('end', () => answer.end('{"ok":true}'))
  }).listen(0, '127.0.0.1')
  await new Promise((ready) => server.once('listening', ready))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`
  const { id } = await asOwner('POST', '/v1/webhooks', { url, events: ['*'] }, TEST)
  try {
    await page.goto('/console/sandbox?mode=test')
    await page.getByRole('button', { name: /The carrier cannot deliver it/ }).click()
    const became = page.getByRole('region', { name: 'What became of it' })
    await expect(became.getByRole('status')).toHaveText('As expected')
    await expect(became.getByText('Undelivered', { exact: true }).first()).toBeVisible()

    await page.getByRole('tab', { name: 'Scenarios' }).click()
    await page.getByRole('button', { name: 'Reply STOP' }).click()
    const player = page.getByRole('region', { name: 'Reply STOP' })
    await player.getByRole('button', { name: 'Play' }).click()
    await expect(player.getByRole('status')).toHaveText('As expected')
    await expect(player.getByRole('list', { name: 'What is expected' })).toContainText('The handset answers: STOP')
    // Other webhooks of the test mode are told, too.
    const told = player.getByRole('listitem').filter({ has: page.locator(`a[href*="${id}"]`) }).last()
    await told.getByText('Request and answer').click()
    await told.getByText('Request', { exact: true }).click()
    await expect(told.getByText(`POST ${url}`)).toBeVisible()
    expect(got.join('')).toContain('"STOP"')
    await expectAccessible(page)
    await picture(page, 'sandbox', 'scenario', true)
    await page.setViewportSize({ width: 320, height: 700 })
    await expectNoSidewaysScroll(page)
  } finally {
    await asOwner('DELETE', `/v1/webhooks/${id}`, undefined, TEST)
    server.close()
  }
})

test('a phone shows its latest messages, and older ones when they are asked for', async ({ page }) => {
  const number = '+15551230077'
  for (let place = 1; place <= 60; place++) await call('POST', `/v1/sandbox/handsets/${number}/messages`, { to: '+15557654321', text: `note ${place}.` })
  await page.goto(`/console/sandbox?tab=phones&number=${encodeURIComponent(number)}`)
  const log = page.getByRole('region', { name: `Handset ${number}` }).getByRole('log')
  await expect(log.getByText('note 60.')).toBeInViewport()
  await expect(log.getByText('note 10.')).toHaveCount(0)
  // What one reads stays where it is while older ones come above it.
  await log.getByRole('button', { name: 'Older messages' }).focus()
  await page.keyboard.press('Enter')
  await expect(log.getByText('note 1.')).toBeAttached()
  await expect(log.getByText('note 11.')).toBeInViewport()
  await expect(log.getByRole('button', { name: 'Older messages' })).toHaveCount(0)
  await expectAccessible(page)
})

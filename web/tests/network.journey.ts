// A carrier dies: it is seen at a glance, drained, and messages go elsewhere until it is back.
import { call, expect, expectAccessible, test } from './journey.ts'
import { Smsc } from './smpp.ts'

const SENDER = '+15557654321'
const TO = '+818012345678'

test('a carrier dies and is drained', async ({ page }) => {
  test.slow() // it waits for the carrier to be bound and missed
  const smsc = await Smsc.start()
  await call('POST', '/v1/carriers', {
    name: 'tokyo', type: 'smpp', settings: { host: '127.0.0.1', port: smsc.port, system_id: 'onesixty', password: 'secret', binds: 1, reconnect_max_s: 1 },
  })
  await call('POST', '/v1/routes', { name: 'japan', priority: 5, match: { countries: ['JP'] }, carriers: [{ carrier: 'tokyo', order: 1 }, { carrier: 'simulator', order: 2 }] })

  await page.goto('/console/carriers')
  const card = page.getByRole('article').filter({ has: page.getByRole('link', { name: 'tokyo' }) })
  await expect(card).toContainText('Connected')
  await call('POST', '/v1/sms/send', { to: TO, from: SENDER, text: 'Over the carrier' })
  await expect.poll(() => smsc.taken.length).toBe(1)

  // The sick ones come first, with the error.
  smsc.die()
  await expect(card).toContainText('No link')
  await expect(async () => {
    const order = await page.getByRole('list', { name: 'Carriers' }).getByRole('article').allInnerTexts()
    expect(order.findIndex((text) => text.includes('tokyo'))).toBeLessThan(order.findIndex((text) => text.includes('Connected')))
  }).toPass({ timeout: 30_000 })

  await card.getByRole('link', { name: 'tokyo' }).click()
  await page.getByRole('button', { name: 'Drain' }).click()
  const dialog = page.getByRole('dialog', { name: 'Drain tokyo?' })
  await expect(dialog.getByRole('textbox', { name: 'Reason' })).toBeFocused()
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('The carrier is dead')
  await dialog.getByRole('combobox', { name: 'Until' }).click()
  await page.getByRole('option', { name: '4 hr from now' }).click()
  await expect(dialog.getByText('Nothing waits for it now.')).toBeVisible()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Drain' }).click()
  await expect(page.getByText('tokyo is draining.')).toBeVisible()
  await expect(page.getByText('Draining', { exact: true }).first()).toBeVisible()

  // New messages go elsewhere, and colleagues read why.
  const { id } = await call('POST', '/v1/sms/send', { to: TO, from: SENDER, text: 'Elsewhere' })
  await expect.poll(async () => JSON.stringify(await call('GET', `/v1/messages/${id}/history`))).toContain('"carrier":"simulator"')
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Pauses' }).click()
  const row = page.getByRole('row').filter({ hasText: 'tokyo' })
  await expect(row).toContainText('The carrier is dead')
  await expect(row).toContainText('in 3 hours') // and some minutes

  await page.goBack()
  await expect(page.getByRole('heading', { level: 1, name: 'tokyo' })).toBeVisible()
  await page.getByRole('button', { name: 'Resume' }).click()
  const asks = page.getByRole('dialog', { name: 'Resume tokyo?' })
  await expect(asks.getByText('New messages go there again.')).toBeVisible()
  await asks.getByRole('button', { name: 'Resume' }).click()

  // Paused, it holds what is for it; what that is, is said before it is paused and before it is resumed.
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  const pause = page.getByRole('dialog', { name: 'Pause tokyo?' })
  await expect(pause.getByRole('radio', { name: 'Pause' })).toBeChecked()
  await pause.getByRole('button', { name: 'Pause', exact: true }).click()
  await expect(page.getByText('tokyo is paused.')).toBeVisible()
  await call('POST', '/v1/sms/send', { to: TO, from: SENDER, text: 'Held' })
  await page.getByRole('button', { name: 'Resume' }).click()
  await expect(asks.getByText('1 message waits and will be sent.')).toBeVisible()
  await asks.getByRole('button', { name: 'Resume' }).click()
  await expect(page.getByRole('button', { name: 'Drain' })).toBeVisible()
  await call('PATCH', '/v1/carriers/tokyo', { enabled: false })
})

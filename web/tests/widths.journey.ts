// What has its place and its width: the lines of lists, what one reads of a message, the buttons of long forms.
import type { Locator } from '@playwright/test'
import { call, expect, expectAccessible, expectNoSidewaysScroll, test } from './journey.ts'
import { visit } from './pages.ts'
import type { Json } from './product.ts'

const SENDER = '+15557654321'
/** As many characters as a text needs before one knows what it is about. */
const READABLE = 40

test('a list ends with one line, and the button of its columns is in the middle of its head', async ({ page }) => {
  await page.goto('/console/webhooks')
  const list = page.locator('.o-list')
  const last = list.locator('[aria-rowindex]').last()
  await expect(last).toBeVisible()
  const lines = (): Promise<object> =>
    last.evaluate((row) => {
      const { borderBlockEndWidth, borderBlockStartWidth } = getComputedStyle(row)
      return { end: borderBlockEndWidth, start: borderBlockStartWidth }
    })
  await expect.poll(lines).toEqual({ end: '0px', start: '1px' })

  // Also with names of two lines.
  const head = list.locator('.o-list-head')
  const button = page.getByRole('button', { name: 'Columns and display of the list' })
  for (const height of ['', '4rem']) {
    await head.evaluate((row, to) => void (row.style.blockSize = to), height)
    await expect(async () => {
      const [around, within] = [await head.boundingBox(), await button.boundingBox()]
      expect(Math.abs(middle(around) - middle(within))).toBeLessThan(1.5)
    }).toPass()
  }
})

const middle = (box: { y: number; height: number } | null): number => (box === null ? Number.NaN : box.y + box.height / 2)

test('a row of the messages shows enough of the text, apart from the price', async ({ page }) => {
  const text = 'Your parcel 4711 was handed to your neighbour in the second floor at half past ten; call us if that is not right.'
  await call('POST', '/v1/sms/send', { to: '+15000160001', from: SENDER, text, reference: 'journey-width' })
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto('/console/messages?reference_prefix=journey-width')
  const row = page.getByRole('row').filter({ hasText: 'Your parcel 4711' }).first()
  const cell = row.locator('.o-clamp')
  await expect(cell).toBeVisible()
  const shown = (): Promise<number> =>
    cell.evaluate((element) => {
      const { bottom } = element.getBoundingClientRect()
      const words = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode()
      const range = document.createRange()
      if (words === null) return 0
      let count = 0
      for (let place = 0; place < (words.nodeValue ?? '').length; place += 1) {
        range.setStart(words, place)
        range.setEnd(words, place + 1)
        if (range.getBoundingClientRect().bottom <= bottom + 1) count += 1
      }
      return count
    })
  await expect.poll(shown).toBeGreaterThanOrEqual(READABLE)

  await expect(async () => {
    const price = await row.locator('[data-align=end] .o-list-value').boundingBox()
    const begins = await cell.boundingBox()
    expect((begins?.x ?? 0) - (price?.x ?? 0) - (price?.width ?? 0)).toBeGreaterThanOrEqual(20)
  }).toPass({ timeout: 30_000 })
})

for (const [form, path, button] of [
  ['of a key', '/keys?make=true', 'Make the key'],
  ['of an endpoint', '/webhooks?make=true', 'Make the endpoint'],
  ['of a carrier', '/carriers/new?type=smpp', 'Check and save'],
  ['of the profile', '/profile', 'Save'],
  ['of a message', '/send', 'Send'],
] as const) {
  test(`the buttons of the form ${form} are in sight, and cover nothing that has the focus`, async ({ page }) => {
    await page.setViewportSize({ width: 1280, height: 640 })
    await visit(page, path) // with all fields, also those of what it reads
    const bar = page.locator('.o-form-actions')
    await expect(bar.getByRole('button', { name: button })).toBeInViewport({ ratio: 1 })
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const [field, actions] = [document.activeElement, document.querySelector('.o-form-actions')]
        if (field === null || actions === null || !field.closest('form')?.contains(actions)) return 'outside'
        return actions.contains(field) ? 'actions' : field.getBoundingClientRect().bottom <= actions.getBoundingClientRect().top + 1 ? 'seen' : `covered: ${field.outerHTML.slice(0, 120)}`
      })
    let seen = 0
    let found = ''
    for (let presses = 0; presses < 60 && found !== 'actions'; presses += 1) {
      await page.keyboard.press('Tab')
      // What a field says once it is left moves those below it, which the page then scrolls into sight.
      await expect.poll(async () => (found = await focused())).not.toContain('covered')
      if (found === 'seen') seen += 1
    }
    expect(seen).toBeGreaterThan(5)
    await expectAccessible(page)
    await page.setViewportSize({ width: 320, height: 700 })
    await expectNoSidewaysScroll(page)
    await expect(bar.getByRole('button', { name: button })).toBeInViewport({ ratio: 1 })
  })
}

test('the sentence of a page with many actions keeps its lines long', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto('/console/webhooks')
  const sentence = page.locator('.o-page-title').getByText('onesixty tells your server')
  await expect(sentence).toBeVisible()
  await expect.poll(async () => (await sentence.boundingBox())?.width).toBeGreaterThan(380)
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Event types' }).click()
  await expect(page.getByRole('heading', { name: 'Event types', level: 1 })).toBeVisible()
  await page.locator('main').getByRole('link', { name: 'Webhooks' }).click()
  await expect(page.getByRole('heading', { name: 'Webhooks', level: 1 })).toBeVisible()
})

test('the parent of a new account is chosen by keyboard', async ({ page }) => {
  const parent = await call('POST', '/v1/accounts', { name: 'Parent by keyboard', price_per_segment: '0.05', currency: 'EUR' })
  await page.goto('/console/accounts?make=true')
  const dialog = page.getByRole('dialog')
  const tabTo = async (target: Locator): Promise<void> => {
    for (let presses = 0; presses < 20 && !(await target.evaluate((element) => element === document.activeElement)); presses += 1) await page.keyboard.press('Tab')
    await expect(target).toBeFocused()
  }
  await expect(dialog.getByLabel('Name', { exact: true })).toBeFocused()
  await page.keyboard.type('Child by keyboard')
  await page.keyboard.press('Tab')
  await page.keyboard.type('0.05')
  const picker = dialog.getByRole('combobox', { name: 'Parent account' })
  await tabTo(picker)
  await page.keyboard.type('parent by key')
  const option = page.getByRole('option', { name: 'Parent by keyboard' })
  await expect(option).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(option).toBeHidden()
  await expect(picker).toHaveValue(/Parent by keyboard/)
  await tabTo(dialog.getByRole('button', { name: 'Make the account' }))
  await page.keyboard.press('Enter')
  const made = async (): Promise<Json | undefined> => (await call('GET', '/v1/accounts?limit=100')).data.find((each: Json) => each.name === 'Child by keyboard')
  await expect.poll(async () => (await made())?.parent_id).toBe(parent.id)
})

test('the longest command of a capture has its room, on a desk and on a phone', async ({ page }) => {
  const [capture] = (await call('GET', '/v1/captures')).data as Json[]
  const pdu = {
    number: 1, at: '2026-12-01T12:16:05.496Z', direction: 'out', carrier: null, bind: null, system_id: 'harborlight', peer: '127.0.0.1:38000',
    command: 'bind_transceiver_resp', sequence: 1, status: 'ESME_ROK', length: 30, sender: null, recipient: null, pair: null, pair_ms: null, masked: [], problem: null,
  }
  await page.route(`**/v1/captures/${capture.id}/pdus*`, (route) => route.fulfill({ json: { data: [pdu], next: null } }))
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto(`/console/captures/${capture.id}`)
  const command = page.locator('.o-pdu-command').first()
  await expect(command).toBeVisible()
  const within = (): Promise<boolean> => command.evaluate((found) => found.getBoundingClientRect().right <= (found.closest('[role=cell], .o-list-value')?.getBoundingClientRect().right ?? 0) + 1)
  await expect.poll(within).toBe(true)
  await page.setViewportSize({ width: 320, height: 700 })
  await expect(command).toBeVisible()
  await expectNoSidewaysScroll(page)
})

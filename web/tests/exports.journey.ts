// Lists as files: what is downloaded is what the page lists, with its filters.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { call, expect, expectAccessible, test } from './journey.ts'

/** Save the list of the page, and read the file. */
async function exported(page: Page, format: 'CSV' | 'JSON Lines'): Promise<{ name: string; text: string }> {
  // Its menu is loaded after the page.
  await expect(page.getByRole('button', { name: 'Export', exact: true })).toBeVisible()
  await expect(page.locator('.o-soon')).toHaveCount(0)
  await page.keyboard.press('e')
  const load = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: format }).click()
  const file = await load
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf-8') }
}

const idsOf = (rows: { id: string }[]): string[] => rows.map(({ id }) => id)

test('refusals are saved as CSV, those that the filters show', async ({ page }) => {
  const wrong = { from: '=Shop', text: 'Hello' }
  for (const to of ['12', '+15550009999', '13']) await call('POST', '/v1/sms/send', { ...wrong, to, ...(to.length > 2 && { text: '' }) }).catch(() => undefined)
  const filter = 'code=invalid_recipient'
  await expect.poll(async () => (await call('GET', `/v1/refusals?${filter}`)).data.filter(({ from }: { from: string }) => from === wrong.from).length).toBe(2)
  const listed = (await call('GET', `/v1/refusals?${filter}&limit=200`)).data
  await page.goto(`/console/refusals?${filter}`)
  await expect(page.getByRole('table', { name: 'Refusals' }).getByRole('row')).toHaveCount(listed.length + 1)
  await page.getByRole('button', { name: 'Export', exact: true }).click()
  await expect(page.getByRole('menu')).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.press('Escape')

  const { name, text } = await exported(page, 'CSV')
  expect(name).toBe('refusals.csv')
  const [head, ...lines] = text.trimEnd().split('\r\n')
  expect(head?.split(',').slice(0, 3)).toEqual(['id', 'created_at', 'account_id'])
  expect(lines.map((line) => line.split(',')[0])).toEqual(idsOf(listed))
  // A cell is never a formula.
  expect(text).toContain("'=Shop")
  expect(text).not.toContain(',=Shop')
  // Who saved it stands in the audit log.
  await expect.poll(async () => (await call('GET', '/v1/audit?action=exported&object=refusals')).data[0]?.details).toEqual({ format: 'csv', code: 'invalid_recipient' })
})

test('deliveries of a webhook, and verifications, are saved as JSON Lines', async ({ page }) => {
  const shop = createServer((request, answer) => {
    request.resume()
    answer.writeHead(200).end()
  }).listen(0, '127.0.0.1')
  await new Promise((ready) => shop.once('listening', ready))
  const { id } = await call('POST', '/v1/webhooks', { url: `http://127.0.0.1:${(shop.address() as AddressInfo).port}/hook`, events: ['message.sent', 'message.delivered'] })
  await call('POST', '/v1/sms/send', { to: '+15000160001', from: '+15557654321', text: 'On its way' })
  const path = `/v1/webhooks/${id}/deliveries`
  const delivered = async () => (await call('GET', `${path}?status=delivered`)).data
  await expect.poll(async () => (await delivered()).length).toBe(2)
  await page.goto(`/console/webhooks/${id}?status=delivered&types=message.delivered`)
  await expect(page.getByRole('table', { name: 'Deliveries' }).getByRole('row')).toHaveCount(2)
  const { name, text } = await exported(page, 'JSON Lines')
  expect(name).toBe('deliveries.jsonl')
  expect(text.trimEnd().split('\n').map((line) => JSON.parse(line))).toEqual((await delivered()).filter(({ type }: { type: string }) => type === 'message.delivered'))
  await call('DELETE', `/v1/webhooks/${id}`)
  shop.close()

  for (const [place, file, list] of [['verify', 'verifications', '/v1/verifications'], ['batches', 'batches', '/v1/batches'], ['numbers', 'numbers', '/v1/numbers'], ['messages', 'messages', '/v1/messages']] as const) {
    await page.goto(`/console/${place}`)
    const saved = await exported(page, 'JSON Lines')
    expect(saved.name).toBe(`${file}.jsonl`)
    const lines = saved.text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line))
    expect(idsOf(lines).slice(0, 200)).toEqual(idsOf((await call('GET', `${list}?limit=200`)).data))
  }

  // The audit log ends with its head.
  await page.goto('/console/audit?action=exported')
  const log = await exported(page, 'JSON Lines')
  expect(log.name).toBe('audit-log.jsonl')
  expect(JSON.parse(log.text.trimEnd().split('\n').at(-1) ?? '')).toHaveProperty('head')
})

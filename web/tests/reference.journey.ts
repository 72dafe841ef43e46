// The API reference: a call is tried with a key, and by session. The page of the console that tries calls.
import type { Page } from '@playwright/test'
import { asOwner, call, expect, expectAccessible, expectNoSidewaysScroll, test } from './journey.ts'

const LANGUAGES = ['curl', 'Python', 'TypeScript', 'PHP', 'Java', 'Go', 'C#']

/** What the policy of the page refused, also where the browser's console is silent. */
async function watchPolicy(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const found: string[] = []
    Object.assign(globalThis, { refusedByPolicy: found })
    document.addEventListener('securitypolicyviolation', (event) => found.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))
  })
  return () => page.evaluate(() => (globalThis as unknown as { refusedByPolicy: string[] }).refusedByPolicy)
}

test.describe('the reference, for who is not signed in', () => {
  test.use({ storageState: { cookies: [], origins: [] } })

  test('a call is tried with a test key', async ({ page }) => {
    const refused = await watchPolicy(page)
    const { secret } = await call('POST', '/v1/keys', { name: 'reference', mode: 'test', scopes: ['messages:send'] })
    await page.goto('/docs#send_message')

    // The address of one operation opens it, with an example in each language and of the answer.
    const send = page.locator('#operations-messages-send_message')
    const samples = send.getByRole('region', { name: 'Example request' })
    for (const language of LANGUAGES) {
      await samples.getByRole('button', { name: language, exact: true }).click()
      await expect(samples.locator('pre')).toContainText('/v1/sms/send')
    }
    await expect(send.locator('.responses-table').first()).toContainText('"status": "queued"')

    // Nobody may call it yet; a wrong key is no key.
    await send.getByRole('button', { name: 'Try it out' }).click()
    await expect(send.getByText('Without one, this call is refused (401).')).toBeVisible()
    await page.getByLabel('API key').fill('os_test_wrong')
    await page.getByRole('button', { name: 'Use this key' }).click()
    await expect(page.getByRole('alert')).toBeVisible()
    await page.getByLabel('API key').fill(secret)
    await page.getByRole('button', { name: 'Use this key' }).click()
    await expect(page.getByRole('region', { name: 'Who calls' })).toContainText('1 scope')
    await expect(send.getByText('this call is refused')).toHaveCount(0)

    await send.getByRole('button', { name: 'Execute' }).click()
    const live = send.locator('.live-responses-table')
    await expect(live.locator('.response > .response-col_status')).toHaveText('202')
    await expect(live).toContainText('msg_')
    await expect(live).toContainText('x-request-id')
    const command = send.getByRole('region', { name: 'Your request' })
    await expect(command).toContainText('Bearer $ONESIXTY_KEY')
    expect(await page.content()).not.toContain(secret)

    // The search finds operations, and another right than that of the key is named before the call.
    await page.getByLabel('Search').fill('list_keys')
    await expect(page.getByText('1 operation', { exact: true })).toBeVisible()
    const list = page.locator('#operations-keys-list_keys')
    await list.locator('.opblock-summary-control').click()
    await list.getByRole('button', { name: 'Try it out' }).click()
    await expect(list.getByText('Your key lacks the scope keys')).toBeVisible()
    expect(await refused()).toEqual([])
  })
})

test('the menu leads to what a page is for', async ({ page }) => {
  await page.goto('/console/webhooks/event-types')
  await page.getByRole('button', { name: /^You:/ }).click()
  const opened = page.waitForEvent('popup')
  await page.getByRole('menuitem', { name: 'About this page' }).click()
  const help = await opened
  await expect(help.locator(':target')).toContainText('Does your server get its events?')
  await help.getByRole('link', { name: 'Webhooks', exact: true }).click()
  await expect(help.getByRole('heading', { level: 1, name: 'Webhooks' })).toBeVisible()
})

test('by session, the reference begins in test mode', async ({ page }) => {
  const refused = await watchPolicy(page)
  await page.goto('/docs#change_webhook')
  const who = page.getByRole('region', { name: 'Who calls' })
  await expect(who).toContainText('ada@example.com')
  await expect(who.getByLabel('Mode')).toHaveValue('test')
  // A change passes the check that a page of this site made it: what is missing is only the webhook.
  const change = page.locator('#operations-webhooks-change_webhook')
  await change.getByRole('button', { name: 'Try it out' }).click()
  await change.getByRole('button', { name: 'Execute' }).click()
  await expect(change.locator('.live-responses-table')).toContainText('not_found')
  expect(await refused()).toEqual([])
})

test('the page of the console tries a call as who is signed in', async ({ page }) => {
  await page.goto('/console/api?mode=test')
  await page.getByLabel('Search operations').fill('send a message')
  await page.getByRole('link', { name: /^Send a message/ }).first().click()
  await expect(page).toHaveURL(/operation=send_message/)
  await expect(page.getByText('"status": "queued"')).toBeVisible()
  await expectAccessible(page)
  // What stands between backticks in the document is code, not backticks.
  await expect(page.locator('main')).not.toContainText('`')
  await page.getByRole('button', { name: 'Send the request' }).click()
  const answer = page.getByRole('region', { name: 'Answer' })
  await expect(answer.getByText('202', { exact: true })).toBeVisible()
  const body = JSON.parse(await answer.locator('pre').innerText())
  expect(await asOwner('GET', `/v1/messages/${body.message_id}`, undefined).catch((error: Error) => error.message)).toContain('404')
  await expect(page.getByRole('region', { name: 'As code' })).toContainText('Bearer $ONESIXTY_KEY')
  await expectAccessible(page)

  // In test mode, what concerns the platform is not there, and the page says so.
  await page.goto('/console/api?mode=test&operation=create_carrier')
  await expect(page.getByText('This exists in live mode only.')).toBeVisible()
  // In live mode a change is asked about first.
  await page.goto('/console/api?operation=send_message')
  await page.getByRole('button', { name: 'Send the request' }).click()
  await expect(page.getByRole('dialog', { name: 'Send this in live mode?' })).toBeVisible()
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
})

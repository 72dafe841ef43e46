// A session that ends in the middle of a form: it asks over the page, what was typed is still there, and what was about to
// be sent is sent once.
import type { Page } from '@playwright/test'
import { asOwner, call, expect, expectAccessible, test } from './journey.ts'
import { OWNER } from './product.ts'

test.use({ storageState: { cookies: [], origins: [] } })

/** Come in to this page with a session of one's own, which may end. */
async function comeIn(page: Page, path: string): Promise<void> {
  await page.goto(`/console${path}`)
  await page.getByLabel('E-mail address').fill(OWNER.email)
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** The session ends, as if it were too old or had been ended elsewhere. */
async function end(page: Page): Promise<void> {
  const answer = await page.evaluate(() => fetch('/v1/sessions/current', { method: 'DELETE', headers: { 'Content-Type': 'application/json', 'X-Onesixty-Console': '1' } }).then(({ status }) => status))
  expect(answer).toBe(204)
}

/** The dialog over the page asks who was here, and lets them go on. */
async function comeBack(page: Page, email: string = OWNER.email): Promise<void> {
  const ended = page.getByRole('dialog', { name: 'Your session has ended' })
  await expect(ended.getByLabel('E-mail address')).toHaveValue(email)
  await expectAccessible(page)
  await ended.getByLabel('Password', { exact: true }).fill(OWNER.password)
  await ended.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(ended).toBeHidden()
}

test('of a verify profile: it is made with all that was typed', async ({ page }) => {
  await comeIn(page, '/verify?mode=test&view=profiles')
  await page.getByRole('button', { name: 'New profile' }).first().click()
  const form = page.getByRole('dialog', { name: 'New profile' })
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('outlives')
  await form.getByRole('textbox', { name: 'Application' }).fill('Acme')
  await form.getByRole('textbox', { name: 'Sender' }).fill('Acme')
  await form.getByText('Codes, and how long they last').click()
  await form.getByRole('textbox', { name: 'Life of a code (seconds)' }).fill('240')
  await end(page)
  await form.getByRole('button', { name: 'Make the profile' }).click()
  await comeBack(page)
  await expect(form).toBeHidden()
  // It allows no country yet, which is said at once.
  const made = page.getByRole('dialog', { name: 'Profile “outlives”' })
  await expect(made.getByRole('region', { name: 'What is weak or missing in it' })).toBeVisible()
  await made.getByText('Codes, and how long they last').click()
  await expect(made.getByRole('textbox', { name: 'Life of a code (seconds)' })).toHaveValue('240')
})

test('of a template: the preview asks first, and the text stays as it was typed', async ({ page }) => {
  const made = await call('POST', '/v1/templates', { name: 'outlives', purpose: 'transactional', default_language: 'en', texts: { en: 'Your order is on its way.' }, variables: {} })
  await comeIn(page, `/templates/${made.id}`)
  const text = page.getByRole('textbox', { name: 'Text in English' })
  await expect(text).toHaveValue('Your order is on its way.')
  await end(page)
  // What is typed is previewed at once: that request is the first to find the door closed.
  await text.fill('Your order is at the door.')
  await comeBack(page)
  await expect(text).toHaveValue('Your order is at the door.')
  await expect(page.getByRole('region', { name: 'What is sent' })).toContainText('Your order is at the door.')
  await end(page)
  await page.getByRole('button', { name: 'Save' }).click()
  await comeBack(page)
  await expect(page.getByText('The template is saved.')).toBeVisible()
  await page.reload()
  await expect(text).toHaveValue('Your order is at the door.')
})

test('of a batch: it is sent once, to all that were named', async ({ page }) => {
  const from = '+15557650167'
  await comeIn(page, '/send?many=list')
  await page.getByRole('textbox', { name: 'Numbers' }).fill('+15000160001\n+15000160011')
  await page.getByRole('textbox', { name: 'From' }).fill(from)
  await page.getByRole('textbox', { name: 'Text' }).fill('Sent after the sign-in')
  await page.getByRole('button', { name: 'Send to 2' }).click()
  await page.getByRole('dialog').getByRole('textbox').fill('2')
  await end(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click()
  await comeBack(page)
  await page.getByRole('link', { name: 'Follow these messages' }).click()
  await page.getByRole('link', { name: 'Its messages' }).click()
  await expect(page.getByRole('table', { name: 'Messages' }).getByRole('row')).toHaveCount(3)
  const { data } = await call('GET', `/v1/messages?from=${encodeURIComponent(from)}`)
  expect(data).toHaveLength(2)
})

test('of a sub-account: it is made, and its keys are shown', async ({ page, context }) => {
  const account = await call('POST', '/v1/accounts', { name: 'Lasting Group', price_per_segment: '0.05', currency: 'EUR' })
  const { link } = await asOwner('POST', '/v1/invitations', { email: 'lasting@example.com', role: 'owner' }, { 'Onesixty-Account': account.id })
  const answer = await context.request.post('/v1/invitations/accept', { data: { token: link.split('#')[1], name: 'Lasting', password: OWNER.password } })
  expect(answer.ok(), await answer.text()).toBe(true)
  await page.goto('/console/subaccounts')
  await page.getByRole('button', { name: 'New sub-account' }).first().click()
  const form = page.getByRole('dialog', { name: 'New sub-account' })
  await form.getByRole('textbox', { name: 'Name' }).fill('Lasting South')
  await form.getByRole('textbox', { name: 'Price per segment' }).fill('0.09')
  await end(page)
  await form.getByRole('button', { name: 'Make the account' }).click()
  await comeBack(page, 'lasting@example.com')
  const keys = page.getByRole('dialog', { name: 'The keys of “Lasting South”' })
  await keys.getByRole('checkbox').check()
  await keys.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByRole('row').filter({ hasText: 'Lasting South' })).toContainText('0.09')
})

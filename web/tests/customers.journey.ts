// A customer: an account with its keys, a bind, a message over each, and a person who sees those alone.
import { asOwner, call, expect, expectAccessible, test } from './journey.ts'
import { OWNER } from './product.ts'
import { Program } from './smpp.ts'

test('an account is made, gets a key and a bind, sends, and sees its own messages only', async ({ page, browser, baseURL }) => {
  test.slow() // two people
  await page.goto('/console/accounts')
  await page.getByRole('button', { name: 'New account' }).click()
  const form = page.getByRole('dialog', { name: 'New account' })
  await form.getByRole('textbox', { name: 'Name' }).fill('Tidewater Bank')
  await form.getByRole('textbox', { name: 'Price per segment' }).fill('0.05')
  await form.getByRole('textbox', { name: 'Credit limit' }).fill('100')
  await form.getByRole('button', { name: 'Make the account' }).click()

  const made = page.getByRole('dialog', { name: 'The keys of “Tidewater Bank”' })
  const key = await made.locator('[data-secret]').first().innerText()
  await expectAccessible(page)
  await made.getByRole('checkbox').check()
  await made.getByRole('button', { name: 'Done' }).click()

  // In the account: a credential, whose password is shown once.
  await page.getByRole('link', { name: 'Tidewater Bank' }).click()
  await expect(page).toHaveURL(/\/accounts\/acc_/)
  const account = /acc_\w+/.exec(page.url())?.[0] ?? ''
  await page.getByRole('link', { name: 'Act in this account' }).click()
  await expect(page.getByRole('button', { name: /^Tidewater Bank: / })).toBeVisible()
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'SMPP' }).click()
  await page.getByRole('button', { name: 'New credential' }).first().click()
  const credential = page.getByRole('dialog', { name: 'New credential' })
  await credential.getByRole('textbox', { name: 'System id' }).fill('tidewater')
  await credential.getByRole('button', { name: 'Make the credential' }).click()
  const shown = page.getByRole('dialog', { name: 'The password of tidewater' })
  const password = await shown.locator('[data-secret]').innerText()
  await shown.getByRole('checkbox').check()
  await shown.getByRole('button', { name: 'Done' }).click()

  const { program, status } = await Program.bind(process.env.CONSOLE_SMPP ?? '', 'tidewater', password)
  expect(status).toBe(0)
  await program.send('+15000160001', 'Tidewater', 'Over the bind')
  await call('POST', '/v1/sms/send', { to: '+15000160001', from: 'Tidewater', text: 'Over the key' }, { Authorization: `Bearer ${key}` })
  await page.getByRole('tab', { name: 'Live binds' }).click()
  await expect(page.getByRole('row').filter({ hasText: 'tidewater' })).toBeVisible()
  program.close()

  // A person of the customer sees both messages, no other, and no page of the operator.
  const invited = await asOwner('POST', '/v1/invitations', { email: 'teller@example.com', role: 'owner' }, { 'Onesixty-Account': account })
  const theirs = await browser.newContext({ baseURL, storageState: { cookies: [], origins: [] }, locale: 'en-US' })
  const teller = await theirs.newPage()
  await teller.goto(`/console/invitation#${invited.link.split('#')[1]}`)
  await teller.getByLabel('Your name').fill('Teller')
  await teller.getByLabel('New password').fill(OWNER.password)
  await teller.getByRole('button', { name: 'Accept the invitation' }).click()
  const pages = teller.getByRole('navigation', { name: 'Pages' })
  await pages.getByRole('link', { name: 'Messages' }).click()
  const table = teller.getByRole('table', { name: 'Messages' })
  await expect(table).toContainText('Over the bind')
  await expect(table).toContainText('Over the key')
  await expect(table.getByRole('row')).toHaveCount(3)
  await expect(pages.getByRole('link', { name: 'Carriers' })).toHaveCount(0)
  await expect(pages.getByRole('link', { name: 'Accounts', exact: true })).toHaveCount(0)
  await theirs.close()
})

test('the operator finds a message of a customer by its id, a refusal by its request, and opens each', async ({ page }) => {
  const { id: account, keys } = await call('POST', '/v1/accounts', { name: 'Fernhill Clinics', price_per_segment: '0.02', credit_limit: '10' })
  const secret = keys.find(({ mode }: { mode: string }) => mode === 'live').secret
  const { message_id: message } = await call('POST', '/v1/sms/send', { to: '+15000160001', from: 'Fernhill', text: 'Of a customer' }, { Authorization: `Bearer ${secret}` })
  const refused: Error = await call('POST', '/v1/sms/send', { to: '12', from: 'Fernhill', text: 'Refused' }).catch((error: Error) => error)
  const request = /req_\w+/.exec(refused.message)?.[0] ?? ''

  const search = async (text: string, found: RegExp): Promise<void> => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Search' }).fill(text)
    await page.getByRole('option', { name: found }).click()
  }
  await page.goto('/console/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await search(message, /In another account/)
  await expect(page).toHaveURL(new RegExp(`account=${account}`))
  await expect(page.locator('main')).toContainText('Of a customer')

  // A colleague who was given its address without the account is told where it is.
  await page.goto(`/console/messages/${message}`)
  await expect(page.getByText('It is in the account Fernhill Clinics')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Open it there' }).click()
  await expect(page.locator('main')).toContainText('Of a customer')

  await page.goto('/console/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(async () => expect((await call('GET', `/v1/refusals?request_id=${request}`)).data).toHaveLength(1)).toPass()
  await search(request, /Refusals/)
  await expect(page).toHaveURL(new RegExp(`/refusals\\?request_id=${request}`))
  await expect(page.getByRole('table')).toContainText(request)
})

test('what may not be done with a credential says why, and the rest is done from the same menu', async ({ page }) => {
  const { id } = await call('POST', '/v1/smpp-credentials', { system_id: 'menutest', test: true })
  await page.goto(`/console/smpp/${id}?mode=test`)
  const more = page.getByRole('button', { name: 'More', exact: true })
  await more.focus()
  await page.keyboard.press('Enter')
  // Captures are of the live mode. The arrow keys reach the entry, so that its reason is read; it does nothing.
  const capture = page.getByRole('menuitem', { name: 'Capture its traffic' })
  await expect(capture).toHaveAttribute('aria-disabled', 'true')
  await expect(capture).toContainText('This exists in live mode only.')
  await expectAccessible(page)
  await capture.focus()
  await page.keyboard.press('Enter')
  await expect(capture).toBeVisible()
  await expect(page).toHaveURL(new RegExp(`/smpp/${id}`))

  await page.keyboard.press('End')
  const revoke = page.getByRole('menuitem', { name: 'Revoke' })
  await expect(revoke).toBeFocused()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(more).toHaveCount(0)
})

// A key is made and shown once; it leaks, is found by its secret, rotated and revoked.
import { call, command, expect, expectAccessible, test } from './journey.ts'
import { OWNER } from './product.ts'

test.use({ storageState: { cookies: [], origins: [] } })

test('sign in, make a key, use it, find it when it leaks, rotate it, revoke it', async ({ page, baseURL }) => {
  await page.goto('/console/keys')
  await expect(page).toHaveURL(/\/console\/sign-in\?to=%2Fkeys$/)
  await page.getByLabel('E-mail address').fill(OWNER.email)
  await page.getByLabel('Password', { exact: true }).fill('not this password')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('The address, the password or the code is wrong.')
  await expectAccessible(page)
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()

  // Where one wanted to go, and what is wrong stands at its field.
  await expect(page.getByRole('heading', { name: 'API keys', level: 1 })).toBeVisible()
  await page.getByRole('button', { name: 'New key' }).click()
  const dialog = page.getByRole('dialog', { name: 'New key' })
  await dialog.getByRole('button', { name: 'Make the key' }).click()
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toBeFocused()
  await expectAccessible(page)
  await dialog.getByRole('textbox', { name: 'Name' }).fill('journey')
  await dialog.getByRole('button', { name: 'Make the key' }).click()

  // The secret is shown once, and works.
  const shown = page.getByRole('dialog', { name: 'The key “journey”' })
  const secret = await shown.locator('[data-secret]').innerText()
  await expect(shown.getByRole('button', { name: 'Done' })).toBeDisabled()
  await shown.getByRole('checkbox').check()
  await shown.getByRole('button', { name: 'Done' }).click()
  const me = await call('GET', '/v1/me', undefined, { Authorization: `Bearer ${secret}` })
  expect(me.scopes).toEqual(['messages:send', 'messages:read'])

  // The secret turns up in a log. The command says whose it is, and the search box leads there.
  const id = /key_\w+/.exec(await command(['key', 'find'], `${secret}\n`))?.[0] ?? ''
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search' }).fill(id)
  await page.getByRole('option', { name: id }).click()
  await expect(page.getByRole('heading', { name: 'journey', level: 1 })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Rotate' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click()
  const rotated = await shown.locator('[data-secret]').innerText()
  expect(rotated).not.toBe(secret)
  await shown.getByRole('checkbox').check()
  await shown.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: 'End it now' }).click()
  await expect(page.getByText('The old secret has ended.')).toBeVisible()
  expect((await fetch(`${baseURL}/v1/me`, { headers: { Authorization: `Bearer ${secret}` } })).status).toBe(401)
  expect((await fetch(`${baseURL}/v1/me`, { headers: { Authorization: `Bearer ${rotated}` } })).status).toBe(200)

  // What does not come back wants the name typed.
  await page.getByRole('button', { name: 'Revoke' }).click()
  const confirm = page.getByRole('dialog')
  await expect(confirm.getByRole('button', { name: 'Revoke' })).toBeDisabled()
  await confirm.getByRole('textbox').fill('journey')
  await confirm.getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByText('Revoked', { exact: true })).toBeVisible()
  const refused = await fetch(`${baseURL}/v1/me`, { headers: { Authorization: `Bearer ${rotated}` } })
  expect(refused.status).toBe(401)
})

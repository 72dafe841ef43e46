// The first message: written, looked at, sent, followed to its end; and many at once.
import { expect, expectAccessible, expectNoSidewaysScroll, test } from './journey.ts'
import { picture } from './looks.ts'

test('the first message', async ({ page }) => {
  await page.goto('/console/send?mode=test')
  await page.getByRole('textbox', { name: 'To' }).fill('+15000160001')
  await page.getByRole('textbox', { name: 'From' }).fill('Acme')
  const text = page.getByRole('textbox', { name: 'Text' })
  await text.fill(`Don’t miss it: ${'a text '.repeat(20)}`)
  await expect(page.getByText('3 segments', { exact: true })).toBeVisible()
  await expect(page.getByText('These characters make 3 segments of what could be 1.')).toBeVisible()
  await expectAccessible(page)
  await picture(page, 'send', 'send')
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.getByRole('button', { name: 'Replace all' }).click()
  await expect(text).toHaveValue(/^Don't/)
  await expect(page.getByText('1 segment', { exact: true })).toBeVisible()

  // What would be refused stands at its field before it is sent.
  await page.getByRole('textbox', { name: 'To' }).fill('+1')
  await expect(page.getByRole('textbox', { name: 'To' })).toHaveAttribute('aria-invalid', 'true')
  await page.getByRole('textbox', { name: 'To' }).fill('+15000160001')
  await expect(page.getByRole('textbox', { name: 'To' })).not.toHaveAttribute('aria-invalid', 'true')

  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Message to +15000160001' })).toBeVisible()
  await expect(page.getByText('It is on the handset.')).toBeVisible({ timeout: 30_000 })
})

test('many at once, with what was refused', async ({ page }) => {
  await page.goto('/console/send?mode=test&many=list')
  await page.getByRole('textbox', { name: 'Numbers' }).fill('+15000160001\n+15000160002, +15000160001\n12')
  await expect(page.getByText('Recipients: 3')).toBeVisible()
  await page.getByRole('textbox', { name: 'From' }).fill('Acme')
  await page.getByRole('textbox', { name: 'Text' }).fill('To many')
  await page.getByRole('button', { name: 'Send to 3' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Send' }).click()
  await expect(page.getByRole('heading', { name: 'Accepted: 2' })).toBeVisible()
  await expect(page.getByRole('row').filter({ hasText: '12' })).toBeVisible()
  await expectAccessible(page)
  await picture(page, 'send', 'many')
  await page.getByRole('link', { name: 'Follow these messages' }).click()
  await page.getByRole('link', { name: 'Its messages' }).click()
  await expect(page.getByRole('table', { name: 'Messages' }).getByRole('row')).toHaveCount(3)
})

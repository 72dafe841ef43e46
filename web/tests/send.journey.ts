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

  // In the test mode the preview becomes the handset itself, which cannot answer a name.
  const preview = page.getByRole('figure', { name: 'How a handset shows it' })
  await expect(preview).toContainText('this is the simulated handset')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  const phone = page.getByRole('region', { name: 'Handset +15000160001' })
  await expect(phone.getByRole('heading')).toBeFocused()
  await expect(phone.getByRole('log')).toContainText("Don't miss it", { timeout: 30_000 })
  await expect(phone).toContainText('Delivered', { timeout: 30_000 })
  await expect(phone).toContainText('A handset cannot answer a name.')
  await expect(preview).toBeHidden()
  await expectAccessible(page)

  // What one writes next is a preview again.
  await page.getByRole('textbox', { name: 'From' }).fill('+15557654321')
  await expect(preview).toContainText("Don't miss it")
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await phone.getByRole('textbox', { name: 'Reply' }).fill('Not me, thanks')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(phone.getByRole('log')).toContainText('Not me, thanks')
  await expect(phone.getByRole('textbox', { name: 'Reply' })).toHaveValue('')
  await expectAccessible(page)
  await picture(page, 'send', 'arrived')
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await picture(page, 'send', 'arrived-narrow')
  await page.setViewportSize({ width: 1280, height: 900 })

  // It came in: the conversation has it, and the message tells what became of it.
  await phone.getByRole('link', { name: 'Messages with this number' }).click()
  await expect(page.getByRole('table', { name: 'Messages' })).toContainText('Not me, thanks')
  await page.goBack()
  await phone.getByRole('link', { name: 'The message' }).click()
  await expect(page.getByRole('heading', { name: 'Message to +15000160001' })).toBeVisible()
  await expect(page.getByText('It is on the handset.')).toBeVisible({ timeout: 30_000 })
})

test('in the live mode the handset is a real one, and only a preview', async ({ page }) => {
  await page.goto('/console/send?to=%2B15000160001&text=Hello')
  const preview = page.getByRole('figure', { name: 'How a handset shows it' })
  await expect(preview).toContainText('Hello')
  await expect(preview).toContainText('goes to a real phone')
  await expect(page.getByRole('textbox', { name: 'Reply' })).toHaveCount(0)
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

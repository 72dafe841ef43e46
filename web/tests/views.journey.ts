// Lists at work: a view that is saved in one session and opened in another, and the scheduled messages that are
// canceled by their number.
import { asOwner, call, expect, expectAccessible, test } from './journey.ts'
import { enter, OWNER } from './product.ts'
import { signedIn } from './browser.ts'

const TAG = 'journey-lists'

test('a saved view opens in another session, and what it lists is canceled at once', async ({ page, browser, baseURL }) => {
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  for (const place of [1, 2, 3]) {
    await call('POST', '/v1/sms/send', { to: `+1500016000${place}`, from: '+15557654321', text: `Later ${place}`, tags: [TAG], scheduled_at: tomorrow })
  }

  // Saved under a name, and shared.
  await page.goto(`/console/messages?tag=${TAG}&status=scheduled`)
  const table = page.getByRole('table', { name: 'Messages' })
  await expect(table.getByRole('row')).toHaveCount(4)
  const views = page.getByRole('button', { name: 'Views', exact: true })
  await views.click()
  await page.getByRole('textbox', { name: 'Save this filter' }).fill('Later messages')
  await page.getByRole('checkbox', { name: 'Everybody in this account sees it' }).check()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('The view is saved.')).toBeVisible()
  await expectAccessible(page)

  // Another session of another user: the view is there, and leads to the same messages.
  const session = await another()
  const context = await browser.newContext({ baseURL, storageState: signedIn(baseURL ?? '', session) })
  const other = await context.newPage()
  await other.goto('/console/messages')
  await other.getByRole('button', { name: 'Views', exact: true }).click()
  await other.getByRole('link', { name: 'Later messages' }).click()
  await expect(other).toHaveURL(/tag=journey-lists/)
  await expect(other.getByRole('table', { name: 'Messages' })).toContainText('Later 1')
  await expect(other.getByRole('button', { name: 'All that match' })).toHaveCount(0)
  await context.close()

  // All that match, counted by the server, and confirmed by their number.
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'All that match' }).click()
  await page.getByRole('menuitem', { name: 'Cancel them' }).click()
  const dialog = page.getByRole('dialog', { name: 'Cancel all that match?' })
  await expect(dialog.getByRole('radio', { name: 'Scheduled: 3' })).toBeChecked()
  await expect(dialog).toContainText('Later')
  const act = dialog.getByRole('button', { name: 'Cancel 3 messages' })
  await dialog.getByRole('textbox').fill('2')
  await expect(act).toBeDisabled()
  await dialog.getByRole('textbox').fill('3')
  await expectAccessible(page)
  await act.click()
  await expect(dialog).toContainText('3 of 3 changed')
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect.poll(async () => (await call('GET', `/v1/messages?tag=${TAG}&status=canceled`)).data.length).toBe(3)

  // By the keyboard: to the first row, select it, open it.
  await page.goto(`/console/messages?tag=${TAG}`)
  await expect(table.getByRole('row')).toHaveCount(4)
  await page.locator('body').press('j')
  await page.keyboard.press('x')
  await expect(page.getByRole('region', { name: 'Selected messages' })).toContainText('1 selected')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/messages\/msg_/)
})

/** Another user of the same account, who is signed in. */
async function another(): Promise<string> {
  const made = await asOwner('POST', '/v1/invitations', { email: 'joan@example.com', role: 'support' })
  return enter(process.env.CONSOLE_PRODUCT ?? '', '/v1/invitations/accept', { token: made.link.split('#')[1], name: 'Joan', password: OWNER.password })
}

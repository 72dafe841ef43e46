// A new job is given its messages by tokens, and what is left out stays as it was.
import { call, expect, expectAccessible, test } from './journey.ts'

test('a job cancels what its tokens say, and leaves out what they leave out', async ({ page }) => {
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  const kept: string[] = []
  for (const [place, tags] of [['1', ['desk-all']], ['2', ['desk-all', 'desk-kept']], ['3', ['desk-all']]] as const) {
    const sent = await call('POST', '/v1/sms/send', { to: `+1500016100${place}`, from: '+15557654321', text: `Desk ${place}`, tags, scheduled_at: tomorrow })
    if (tags.length > 1) kept.push(String(sent.id))
  }
  await page.goto('/console/jobs')
  await page.getByRole('button', { name: 'New job' }).click()
  const dialog = page.getByRole('dialog', { name: 'New job' })
  const which = dialog.getByRole('textbox', { name: /^Which messages/ })
  await which.fill('desk-all')
  await page.getByRole('option', { name: /^Tag/ }).click()
  await which.fill('-desk-kept')
  await page.getByRole('option', { name: /^Tag is not/ }).click()
  await expect(dialog.getByRole('button', { name: 'Tag is not desk-kept', exact: true })).toBeVisible()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Count them' }).click()
  await dialog.getByRole('textbox', { name: /2/ }).fill('2')
  await dialog.getByRole('button', { name: /Cancel 2/ }).click()
  await expect.poll(async () => (await call('GET', '/v1/messages?tag=desk-all&status=canceled')).data.length).toBe(2)
  expect((await call('GET', `/v1/messages/${kept[0]}`)).status).toBe('scheduled')
})

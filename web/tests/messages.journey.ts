// "My message did not arrive": from the first page to the reason in three clicks at most, and what can be done then.
import { call, expect, expectAccessible, expectNoSidewaysScroll, test } from './journey.ts'
import { picture } from './looks.ts'
import type { Json } from './product.ts'

const SENDER = '+15557654321'

/** Wait until a message has this status. */
async function ended(id: string, status: string): Promise<void> {
  await expect.poll(async () => ((await call('GET', `/v1/messages/${id}`)) as Json).status, { timeout: 30_000 }).toBe(status)
}

const send = async (to: string, reference: string): Promise<string> =>
  (await call('POST', '/v1/sms/send', { to, from: SENDER, text: `Your code is 4711 (${reference})`, reference })).id

test('my message did not arrive', async ({ page }) => {
  const failed = await send('+15000160013', 'journey-undelivered')
  await send('+15000160001', 'journey-delivered')
  await ended(failed, 'undelivered')

  await page.goto('/console/')
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Messages' }).click()
  await expect(page.getByRole('heading', { name: 'Messages', level: 1 })).toBeVisible()
  const table = page.getByRole('table', { name: 'Messages' })
  const row = table.getByRole('row').filter({ hasText: 'journey-undelivered' })
  await expect(row).toContainText('The carrier could not deliver it')
  await expectAccessible(page)
  await row.getByRole('link').first().click()

  const why = page.getByRole('region', { name: 'The carrier could not deliver it' })
  await expect(why).toContainText('Check the number')
  await expect(why.getByRole('link', { name: 'About this error' })).toHaveAttribute('href', /\/docs\/errors#undeliverable$/)
  const happened = page.getByRole('list', { name: 'What happened' })
  await expect(happened).toContainText('The carrier took it')
  await expect(happened).toContainText('Delivery report: not delivered')
  await happened.getByText('What the carrier said').first().click()
  await expectAccessible(page)
  await picture(page, 'messages', 'message', true)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await picture(page, 'messages', 'message-narrow', true)
  await page.setViewportSize({ width: 1280, height: 900 })

  // The same error, counted as it is listed; the filter is in the URL, and back restores the page.
  await why.getByRole('link', { name: 'Messages with the same error' }).click()
  await expect(page).toHaveURL(/\/messages\?error_code=undeliverable$/)
  // Messages of other tests may end meanwhile: both are read until they are of one moment.
  await expect(async () => {
    const rows = await call('GET', '/v1/messages?error_code=undeliverable&limit=100')
    await expect(table).toHaveAttribute('aria-rowcount', `${rows.data.length + 1}`, { timeout: 5_000 })
    await expect(page.getByRole('navigation', { name: 'By status' }).getByRole('link', { name: /^All/ })).toContainText(`${rows.data.length}`, { timeout: 5_000 })
  }).toPass({ timeout: 60_000 })
  await page.goBack()
  await expect(why).toBeVisible()

  // Its text can be deleted for good.
  await page.getByRole('button', { name: 'Delete the text' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete the text' }).click()
  await expect(page.getByText('The text was deleted')).toBeVisible()
})

test('filters by a part of a number, and new messages wait while one reads', async ({ page }) => {
  // A number of its own: other tests send meanwhile.
  await ended(await send('+15000160016', 'journey-first'), 'delivered')
  await page.goto('/console/messages')
  await page.getByRole('textbox', { name: 'Filter: a number, a status, a code' }).fill('0160016')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/number=0160016/)
  await expect(page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'All' })).not.toHaveAttribute('aria-current')
  const table = page.getByRole('table', { name: 'Messages' })
  await expect(table.getByRole('row').filter({ hasText: 'journey-first' })).toBeVisible()
  await expect(page.locator('.o-live').getByText('Live', { exact: true })).toBeVisible()

  // A row is pointed at: the new one waits behind the bar, and comes when it is asked for.
  await table.getByRole('row').filter({ hasText: 'journey-first' }).hover()
  await send('+15000160016', 'journey-second')
  const bar = page.getByRole('button', { name: '1 new' })
  await expect(bar).toBeVisible()
  await expect(table).not.toContainText('journey-second')
  await bar.click()
  await expect(table).toContainText('journey-second')

  // The search box finds it by a part of its number, too.
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search' }).fill('1500016')
  await page.getByRole('option', { name: 'Messages with 1500016' }).click()
  await expect(page).toHaveURL(/\/messages\?number=1500016$/)
})

test('changes a message that waits, and is told what somebody else changed meanwhile', async ({ page }) => {
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  const { id } = await call('POST', '/v1/sms/send', { to: '+15000160001', from: SENDER, text: 'Your table is at 20:00', scheduled_at: tomorrow, reference: 'journey-change' })
  await page.goto(`/console/messages/${id}`)
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Change this message' })
  const text = dialog.getByRole('textbox', { name: 'Text', exact: true })
  await expect(text).toHaveValue('Your table is at 20:00')
  const save = dialog.getByRole('button', { name: 'Change the message' })
  await expect(save).toBeDisabled()

  // What it costs is shown as one types, beside what it costs until now.
  await text.fill('Your table is at 20:30. '.repeat(8))
  await expect(dialog.getByText('2 segments', { exact: true })).toBeVisible()
  await expect(dialog).toContainText('Until now: 1 segment')
  await expectAccessible(page)
  await picture(page, 'messages', 'change', true)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await picture(page, 'messages', 'change-narrow')
  await page.setViewportSize({ width: 1280, height: 900 })

  // What is refused stands at its field, and nothing is lost.
  await dialog.getByRole('textbox', { name: 'From' }).fill('Far too long a sender')
  await save.click()
  await expect(dialog.getByRole('textbox', { name: 'From' })).toBeFocused()
  await dialog.getByRole('textbox', { name: 'From' }).fill(SENDER)

  // Somebody else is faster: nothing of theirs is overwritten unseen.
  await call('PATCH', `/v1/messages/${id}`, { text: 'Your table is at 21:00', priority: 5 })
  await save.click()
  const told = dialog.getByRole('alert')
  await expect(told).toContainText('Somebody else changed this message meanwhile')
  await expect(told).toContainText('Priority is now: 5')
  await expect(told).toContainText('Your table is at 21:00')
  await expectAccessible(page)
  await picture(page, 'messages', 'change-met', true)
  await expect(text).toHaveValue('Your table is at 20:30. '.repeat(8))
  await text.fill('Your table is at 20:45')
  await save.click()
  await expect(dialog).toBeHidden()
  const after = (await call('GET', `/v1/messages/${id}`)) as Json
  expect([after.text, after.priority, after.status]).toEqual(['Your table is at 20:45', 5, 'scheduled'])
  await expect(page.getByRole('list', { name: 'What happened' })).toContainText('The message was changed')

  // Without a time it goes at once.
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await dialog.getByLabel('Send at').fill('')
  await save.click()
  await expect(dialog).toBeHidden()
  await ended(id, 'delivered')
  await expect(page.getByRole('button', { name: 'Change', exact: true })).toBeHidden()
})

test('what could not be read keeps its words and its heading while it is read again', async ({ page }) => {
  const id = await send('+15000160001', 'journey-unread')
  let answer = (): void => undefined
  const asked = new Promise<void>((done) => (answer = done))
  let holding = false
  await page.route(`**/v1/messages/${id}`, async (route) => {
    if (!holding) return route.fulfill({ status: 500, contentType: 'application/problem+json', json: { type: '', title: '', status: 500, code: 'internal_error', detail: 'Something went wrong.', retryable: false, request_id: 'req_test', doc_url: '' } })
    await asked
    return route.fallback()
  })
  await page.goto(`/console/messages/${id}`)
  const again = page.getByRole('button', { name: 'Try again' })
  await expect(again).toBeVisible()
  holding = true
  await again.dispatchEvent('click') // the feed may have had it read again just now: the button waits then
  await expect(again).toHaveAttribute('data-loading', 'true')
  await expect(page.getByRole('alert')).toContainText('req_test')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Messages')
  answer()
  await expect(again).toBeHidden()
  await expect(page.getByRole('main')).toContainText('journey-unread')
})

test('filters that leave nothing: the one that hides the most is named, and dropped', async ({ page }) => {
  await call('POST', '/v1/sms/send', { to: '+15000160001', from: 'Hidden', text: 'Found without the tag' })
  await page.goto('/console/messages?from=Hidden&tag=unheard-of')
  await expect(page.getByText('“Tag: unheard-of” hides the most. Without it: 1.')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Drop this filter' }).click()
  await expect(page).toHaveURL(/messages\?from=Hidden$/)
  await expect(page.getByRole('table')).toContainText('Found without the tag')
})

test('a filter leaves values out: behind a minus, or by its menu', async ({ page }) => {
  const tagged = (reference: string, tags: string[]) => call('POST', '/v1/sms/send', { to: '+15000160001', from: SENDER, text: `About ${reference}`, reference, tags })
  await tagged('nots-loud', ['loud'])
  await tagged('nots-quiet', ['quiet'])
  await page.goto('/console/messages?reference_prefix=nots-')
  const rows = page.getByRole('table', { name: 'Messages' }).getByRole('row')
  await expect(rows.filter({ hasText: 'nots-loud' })).toBeVisible()
  await page.getByRole('textbox', { name: 'Filter: a number, a status, a code' }).fill('-loud')
  await page.getByRole('option', { name: /^Tag is not/ }).click()
  await expect(page).toHaveURL(/tag_not=loud$/)
  await expect(rows.filter({ hasText: 'nots-loud' })).toHaveCount(0)
  await expect(rows.filter({ hasText: 'nots-quiet' })).toBeVisible()

  // What the feed tells of is judged in the same way.
  await tagged('nots-loud-later', ['loud', 'other'])
  await tagged('nots-later', ['other'])
  await expect(rows.filter({ hasText: 'nots-later' })).toBeVisible()
  await expect(rows.filter({ hasText: 'nots-loud-later' })).toHaveCount(0)

  // The menu makes the one of the other, and stays open; all by keys.
  const token = page.getByRole('button', { name: /^Tag is not/ })
  await token.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('radio', { name: 'is not' })).toBeChecked()
  await expectAccessible(page)
  await page.getByRole('radio', { name: 'is not' }).focus()
  await page.keyboard.press('ArrowLeft')
  await expect(page).toHaveURL(/tag=loud$/)
  await expect(rows.filter({ hasText: 'nots-quiet' })).toHaveCount(0)
  await expect(page.getByRole('radio', { name: 'is', exact: true })).toBeFocused()
  await page.keyboard.press('ArrowRight')
  await expect(page).toHaveURL(/tag_not=loud$/)
  await page.getByRole('combobox', { name: 'Tag is not' }).fill('other')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/tag_not=loud&tag_not=other$/)
  await expect(rows.filter({ hasText: 'nots-later' })).toHaveCount(0)
  await expect(rows.filter({ hasText: 'nots-quiet' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Tag is not loud, other' })).toBeFocused()
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.getByRole('button', { name: 'Remove filter: Tag is not' }).click()
  await expect(page).toHaveURL(/messages\?reference_prefix=nots-$/)
})

test.describe('far from UTC', () => {
  test.use({ timezoneId: 'Asia/Tokyo' })

  test('one letter shows all times in UTC, and the next in the own zone again', async ({ page }) => {
    await page.goto('/console/messages')
    await expect(page.getByRole('table')).toBeVisible()
    await page.keyboard.press('z')
    await expect(page.getByText('Times are now in UTC.')).toBeVisible()
    await page.keyboard.press('z')
    await expect(page.getByText('Times are now in Asia/Tokyo.')).toBeVisible()
  })
})

test('messages are counted by what one chooses, and each count opens its list', async ({ page }) => {
  const tags = ['journey-counted']
  for (const [to, fields] of [['+15000160001', { class: 'otp' }], ['+15000160001', {}], ['+15000160013', {}]] as const) {
    const { id } = await call('POST', '/v1/sms/send', { to, from: SENDER, text: 'Counted', tags, ...fields })
    await ended(id, to === '+15000160013' ? 'undelivered' : 'delivered')
  }
  await page.goto('/console/messages?tag=journey-counted')
  const table = page.getByRole('table', { name: 'Messages' })
  const by = page.getByRole('combobox', { name: 'Count by' })
  const counts = (name: string) => page.getByRole('navigation', { name, exact: true }).getByRole('link')
  await expect(counts('By status')).toHaveText(['All 3', 'Delivered 2', 'Undelivered 1'])
  await by.selectOption('By class')
  await expect(page).toHaveURL(/\?tag=journey-counted&by=class$/)
  await expect(counts('By class')).toHaveText(['All 3', 'Transactional 2', 'One-time code 1'])

  // What is counted by is one thing and the list another: the list stays until one opens a count.
  await by.selectOption('By error')
  await expect(counts('By error')).toHaveText(['All 3', 'none 2', 'The carrier could not deliver it 1'])
  await expect(table).toHaveAttribute('aria-rowcount', '4')
  await counts('By error').filter({ hasText: 'none' }).click()
  await expect(page).toHaveURL(/error_code=none/)
  await expect(table).toHaveAttribute('aria-rowcount', '3')
  await expect(counts('By error').filter({ hasText: 'none' })).toHaveAttribute('aria-current', 'page')
  await expectAccessible(page)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await picture(page, 'messages', 'counted-narrow')
})

test('what was sent twice, perhaps, has a view that counts it', async ({ page }) => {
  // The first answer for this number is lost, and the message is sent again.
  const twice = await send('+15000160041', 'journey-twice')
  await send('+15000160001', 'journey-once')
  await ended(twice, 'delivered')
  const { total } = await call('GET', '/v1/messages/counts?duplicates=true')

  await page.goto('/console/messages')
  await page.getByRole('button', { name: 'Views', exact: true }).click()
  const view = page.getByRole('link', { name: 'Sent twice, perhaps' })
  await expect(view).toContainText(`${total}`)
  await expectAccessible(page)
  await view.click()
  await expect(page).toHaveURL(/\/messages\?duplicates=true$/)
  const table = page.getByRole('table', { name: 'Messages' })
  await expect(table.getByRole('row').filter({ hasText: 'journey-twice' })).toBeVisible()
  await expect(table.getByRole('row').filter({ hasText: 'journey-once' })).toHaveCount(0)
  await expect(table).toHaveAttribute('aria-rowcount', `${total + 1}`)
})

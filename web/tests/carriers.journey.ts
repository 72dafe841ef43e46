// A carrier is made by the form: its check fails, it is mended, saved, and binds. Its traffic is captured and read. Two
// operators change it at once, and it is removed.
import { call, expect, expectAccessible, test } from './journey.ts'
import { Smsc } from './smsc.ts'

test('make a carrier, mend what its check finds, look at its traffic, change and remove it', async ({ page }) => {
  const smsc = await Smsc.start('onesixty', 'secret')
  try {
    await page.goto('/console/carriers')
    await page.getByRole('link', { name: 'New carrier' }).click()
    await page.getByRole('button', { name: /^SMPP/ }).click()
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('journey-smpp')
    await page.getByRole('textbox', { name: 'Host' }).fill('127.0.0.1')
    await page.getByRole('textbox', { name: 'Port' }).fill(String(smsc.port))
    await page.getByRole('textbox', { name: 'system_id' }).fill('onesixty')
    await page.getByLabel('Password', { exact: true }).fill('wrong')
    await page.getByRole('button', { name: 'Check and save' }).click()

    // What is wrong is said with its step, and leads to the field. Nothing is saved.
    const check = page.getByRole('complementary', { name: 'Check of the connection' })
    await expect(check.getByText('The connection does not work yet.')).toBeFocused()
    await expect(check.getByText('Sign in', { exact: true })).toBeVisible()
    await expect(check).toContainText('the password is wrong')
    await expectAccessible(page)
    expect((await call('GET', '/v1/carriers')).data.map(({ name }: { name: string }) => name)).not.toContain('journey-smpp')
    await check.getByRole('button', { name: 'Password' }).click()
    await expect(page.getByLabel('Password', { exact: true })).toBeFocused()
    await page.getByLabel('Password', { exact: true }).fill('secret')
    await page.getByRole('button', { name: 'Check and save' }).click()
    await expect(page.getByRole('heading', { name: 'journey-smpp', level: 1 })).toBeVisible()
    await expect(page.getByText('Connected', { exact: true })).toBeVisible()
    await expect(page.getByText('Bound', { exact: true })).toBeVisible()

    // Its traffic: a request with its answer, the text masked.
    await page.getByRole('button', { name: 'More actions for journey-smpp' }).click()
    await page.getByRole('menuitem', { name: 'Capture its traffic' }).click()
    await page.getByRole('button', { name: 'Start the capture' }).click()
    await expect(page.getByRole('heading', { name: 'Capture: journey-smpp' })).toBeVisible()
    await call('POST', '/v1/carriers/journey-smpp/probe', { to: '+4915112345678', from: 'Acme', text: 'Your code is 482931' })
    await page.getByRole('link', { name: /^Open PDU \d+, submit_sm$/ }).click()
    const pdu = page.getByRole('region', { name: 'PDU', exact: true })
    await expect(pdu.getByText('Text, masked in this capture')).toBeVisible()
    await expect(pdu.getByText('"4915112345678"')).toBeVisible()
    const field = pdu.getByRole('listitem').filter({ hasText: 'destination_addr' }).last()
    await field.focus()
    await expect(pdu.locator('.o-octets-hex [data-lit=true]').first()).toContainText('34')
    await expectAccessible(page)
    await pdu.getByRole('link', { name: /To its answer/ }).click()
    await expect(pdu.getByRole('heading', { level: 2 })).toContainText('submit_sm_resp')
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await expect(page.getByText('The capture is deleted.')).toBeVisible()

    // Another operator changes the same setting meanwhile: one chooses.
    const { id } = await call('GET', '/v1/carriers/journey-smpp')
    await page.goto(`/console/carriers/${id}/change`)
    await page.getByText('Rate', { exact: true }).click()
    await page.getByRole('textbox', { name: 'Throughput' }).fill('70')
    await page.getByRole('textbox', { name: 'Cost per segment' }).fill('0.02')
    await call('PATCH', `/v1/carriers/${id}`, { settings: { throughput: 90, window: 20 } })
    await page.getByRole('button', { name: 'Check and save' }).click()
    const clash = page.getByRole('dialog', { name: 'Somebody else changed journey-smpp meanwhile' })
    await expect(clash.getByRole('radio', { name: 'Theirs: 90' })).toBeChecked()
    await clash.getByRole('radio', { name: 'Yours: 70' }).check()
    await expectAccessible(page)
    await clash.getByRole('button', { name: 'Save mine on top' }).click()
    await expect(page.getByText('journey-smpp is changed.')).toBeVisible()
    const changed = await call('GET', `/v1/carriers/${id}`)
    expect([changed.settings.throughput, changed.settings.window, changed.cost_per_segment]).toEqual([70, 20, '0.02'])

    // What does not come back wants the name typed; what is gone says so.
    await page.getByRole('button', { name: 'More actions for journey-smpp' }).click()
    await page.getByRole('menuitem', { name: 'Remove' }).click()
    const ask = page.getByRole('dialog', { name: 'Remove journey-smpp?' })
    await expect(ask.getByRole('button', { name: 'Remove' })).toBeDisabled()
    await ask.getByRole('textbox').fill('journey-smpp')
    await ask.getByRole('button', { name: 'Remove' }).click()
    await expect(page.getByText('journey-smpp is removed.')).toBeVisible()
    await page.goto(`/console/carriers/${id}`)
    await expect(page.getByRole('heading', { name: 'A removed carrier', level: 1 })).toBeVisible()
    await expect(page.getByText('journey-smpp', { exact: true })).toBeVisible()
  } finally {
    await smsc.stop()
  }
})

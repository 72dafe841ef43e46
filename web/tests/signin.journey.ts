// Coming in and staying in: an invitation, a second factor, a passkey, an identity provider, a session that ends in the
// middle of a form, a fresh proof, the test mode; and by keyboard alone from the sign-in to a message that was sent.
import { createHmac } from 'node:crypto'
import type { BrowserContext, Locator, Page } from '@playwright/test'
import { asOwner, call, expect, expectAccessible, test } from './journey.ts'
import { OWNER } from './product.ts'
import { knowsAt } from './provider.ts'

const NOBODY = { cookies: [], origins: [] }
/** The dialog that asks who one is. It lies over another one, whose boxes are cut off where it is scrolled. */
const ON_TOP = '[role=dialog]:has(input[type=password])'

/** The one-time code of a secret in base 32 (RFC 6238). `step` counts half minutes from now. */
function oneTimeCode(secret: string, step = 0): string {
  const bits = [...secret.replace(/=+$/, '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + step))
  const digest = createHmac('sha1', key).update(counter).digest()
  const offset = (digest.at(-1) ?? 0) & 15
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Somebody new, who is signed in in this browser. */
async function person(context: BrowserContext, email: string, role: string): Promise<void> {
  const { link } = await asOwner('POST', '/v1/invitations', { email, role })
  const answer = await context.request.post('/v1/invitations/accept', { data: { token: link.split('#')[1], name: email, password: OWNER.password } })
  expect(answer.ok(), await answer.text()).toBe(true)
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^You: / }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
}

/** Press Tab until this has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor()
  for (let stops = 0; stops < 40 && !(await target.evaluate((found) => found === document.activeElement)); stops += 1) await page.keyboard.press('Tab')
  await expect(target).toBeFocused()
}

async function skipToPage(page: Page): Promise<void> {
  await tabTo(page, page.getByRole('link', { name: 'Skip to the page' }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main')).toBeFocused()
}

test.describe('a new colleague', () => {
  test.use({ storageState: NOBODY })

  test('accepts an invitation, sets up an app, and signs in with its code and with a recovery code', async ({ page }) => {
    test.slow() // it is several journeys in one, of one person
    const invited = await asOwner('POST', '/v1/invitations', { email: 'grace@example.com', role: 'viewer' })
    await page.goto(`/console/invitation#${invited.link.split('#')[1]}`)
    await expect(page.getByText('grace@example.com')).toBeVisible()
    await page.getByLabel('Your name').fill('Grace')
    await page.getByLabel('New password').fill('short')
    await page.getByRole('button', { name: 'Accept the invitation' }).click()
    await expect(page.getByLabel('New password')).toBeFocused()
    await expectAccessible(page)
    await page.getByLabel('New password').fill(OWNER.password)
    await page.getByRole('button', { name: 'Accept the invitation' }).click()
    await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible()
    await expect(page).toHaveURL(({ hash }) => hash === '')

    // A viewer sees no keys: not in the navigation, and the page says which right is missing.
    await expect(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'API keys' })).toHaveCount(0)
    await page.goto('/console/keys')
    await expect(page.getByText('Your role lacks the right')).toBeVisible()
    await expect(page.getByText(new RegExp(`Ask .?${OWNER.name}.? .*for another role`))).toBeVisible()
    await expectAccessible(page)
    // So does a button that one may not press.
    await page.goto('/console/profile')
    await page.locator('main button[aria-disabled=true]').first().hover()
    await expect(page.getByRole('tooltip')).toContainText(new RegExp(`Your role lacks the right profile.*Ask .?${OWNER.name}`))

    await page.goto('/console/me')
    await page.getByRole('button', { name: 'Set up an app' }).click()
    const dialog = page.getByRole('dialog')
    const secret = await dialog.locator('bdi').first().innerText()
    await dialog.getByLabel('Code', { exact: true }).fill(oneTimeCode(secret))
    await dialog.getByRole('button', { name: 'Confirm' }).click()
    const listed = page.getByRole('dialog', { name: 'Recovery codes' }).getByRole('listitem')
    await expect(listed).toHaveCount(10)
    const codes = await listed.allInnerTexts()
    await expectAccessible(page)
    await page.getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Done' }).click()
    await expect(page.getByText('10 left')).toBeVisible()

    await signOut(page)
    await signIn(page, 'grace@example.com')
    await page.getByLabel('Code', { exact: true }).fill(oneTimeCode(secret, 1))
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible()

    await signOut(page)
    await signIn(page, 'grace@example.com')
    await page.getByRole('button', { name: 'I have no phone: use a recovery code' }).click()
    await expectAccessible(page)
    await page.getByLabel('Recovery code', { exact: true }).fill(codes[0] ?? '')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible()
    await page.goto('/console/me')
    await expect(page.getByText('9 left')).toBeVisible()
  })

  test('registers a passkey, and comes in by it without a password', async ({ page, context }) => {
    const device = await context.newCDPSession(page)
    await device.send('WebAuthn.enable')
    await device.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    })
    await person(context, 'hedy@example.com', 'developer')
    await page.goto('/console/me')
    await page.getByRole('textbox', { name: 'Name of the passkey' }).fill('My laptop')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByRole('dialog', { name: 'Recovery codes' }).getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Done' }).click()
    await expect(page.getByText('My laptop')).toBeVisible()

    await signOut(page)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible()
    expect((await (await context.request.get('/v1/me')).json()).user.email).toBe('hedy@example.com')
  })

  test.describe('of an identity provider', () => {
    test.use({ elsewhere: [process.env.CONSOLE_PROVIDER ?? ''] })

    test('comes in by its button, with the role of a group, and to the page that was wanted', async ({ page, context }) => {
      await knowsAt(process.env.CONSOLE_PROVIDER ?? '')('katherine', { email: 'katherine@example.com', email_verified: true, name: 'Katherine', groups: ['sms-devs'] })
      await page.goto('/console/webhooks')
      await page.getByRole('button', { name: 'Sign in with Example ID' }).click()
      await page.locator('input[name=sub]').fill('katherine')
      await page.getByRole('button', { name: 'Authorize' }).click()
      await expect(page.getByRole('heading', { name: 'Webhooks', level: 1 })).toBeVisible()
      const me = await (await context.request.get('/v1/me')).json()
      expect([me.user.email, me.role]).toEqual(['katherine@example.com', 'developer'])
    })
  })

  test('by keyboard alone: signs in, makes a key, sends a message, finds it and opens it', async ({ page }) => {
    test.slow() // several journeys in one
    await page.goto('/console/keys')
    await page.getByLabel('E-mail address').waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.type(OWNER.email)
    await page.keyboard.press('Tab')
    await page.keyboard.type(OWNER.password)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'API keys', level: 1 })).toBeVisible()
    await skipToPage(page)

    const make = page.getByRole('button', { name: 'New key' })
    await tabTo(page, make)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused()
    await page.keyboard.type('by keyboard')
    await page.keyboard.press('Enter')
    const shown = page.getByRole('dialog', { name: 'The key “by keyboard”' })
    await shown.waitFor()
    await shown.getByRole('checkbox').focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('link', { name: 'by keyboard' })).toBeVisible()

    // The search box leads anywhere, and Escape leaves it.
    await page.keyboard.press('Control+k')
    await expect(page.getByRole('combobox', { name: 'Search' })).toBeFocused()
    await page.keyboard.type('home')
    await expect(page.getByRole('option', { selected: true })).toContainText('Home')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible()
    await page.goBack()
    await expect(page.getByRole('heading', { name: 'API keys', level: 1 })).toBeVisible()

    // Two letters lead to a page. A message is written and sent.
    await page.keyboard.type('gs')
    await expect(page.getByRole('heading', { name: 'Send', level: 1 })).toBeVisible()
    await tabTo(page, page.getByRole('textbox', { name: 'To' }))
    await page.keyboard.type('+15000160054')
    await tabTo(page, page.getByRole('textbox', { name: 'From' }))
    await page.keyboard.type('Acme')
    await tabTo(page, page.getByRole('textbox', { name: 'Text' }))
    await page.keyboard.type('By keyboard')
    await tabTo(page, page.getByRole('button', { name: 'Send', exact: true }))
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'Message to +15000160054' })).toBeVisible()

    // It is found by a part of its number, and opened.
    await page.keyboard.type('gm')
    await expect(page.getByRole('heading', { name: 'Messages', level: 1 })).toBeVisible()
    await page.keyboard.press('/')
    await expect(page.getByRole('textbox', { name: 'Filter: a number, a status, a code' })).toBeFocused()
    await page.keyboard.type('160054')
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/number=160054/)
    const found = page.getByRole('table', { name: 'Messages' })
    await expect(found.getByRole('row')).toHaveCount(2)
    await tabTo(page, found.getByRole('link').first())
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'Message to +15000160054' })).toBeVisible()
  })
})

test.describe('a session of its own', () => {
  test.use({ storageState: NOBODY })

  test('that ends in the middle of a form asks over the page, and the form survives', async ({ page }) => {
    await page.goto('/console/keys')
    await signIn(page, OWNER.email)
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('survivor')
    await page.evaluate(() =>
      fetch('/v1/sessions/current', { method: 'DELETE', headers: { 'Content-Type': 'application/json', 'X-Onesixty-Console': '1' } }),
    )
    await page.getByRole('button', { name: 'Make the key' }).click()
    const ended = page.getByRole('dialog', { name: 'Your session has ended' })
    await expect(ended.getByLabel('E-mail address')).toHaveValue(OWNER.email)
    await expectAccessible(page, ON_TOP)
    await ended.getByLabel('Password', { exact: true }).fill(OWNER.password)
    await ended.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page.getByRole('dialog', { name: 'The key “survivor”' })).toBeVisible()
  })

  test('that ends while one looks on asks over the page, and the list is live again', async ({ page }) => {
    await page.goto('/console/keys')
    await signIn(page, OWNER.email)
    await expect(page.getByRole('heading', { name: 'API keys', level: 1 })).toBeVisible()
    let asked = 0
    await page.route('**/v1/events', (route) =>
      asked++ > 0 ? route.fallback() : route.fulfill({ status: 401, contentType: 'application/problem+json', json: { code: 'session_ended', detail: '' } }),
    )
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Messages' }).click()
    const ended = page.getByRole('dialog', { name: 'Your session has ended' })
    await ended.getByLabel('Password', { exact: true }).fill(OWNER.password)
    await ended.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page.locator('.o-live').getByText('Live', { exact: true })).toBeVisible()
  })
})

test('what needs a fresh proof waits for it, and is then done', async ({ page }) => {
  let asked = 0
  await page.route('**/v1/keys', async (route) => {
    if (route.request().method() !== 'POST' || asked++ > 0) return route.fallback()
    // What the server answers a quarter of an hour after the last proof.
    return route.fulfill({ status: 403, contentType: 'application/problem+json', json: { code: 'reauthenticate', detail: '' } })
  })
  await page.goto('/console/keys?make=true')
  await page.getByRole('textbox', { name: 'Name' }).fill('proven')
  await page.getByRole('button', { name: 'Make the key' }).click()
  const prove = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await prove.getByLabel('Password', { exact: true }).fill('wrong password')
  await prove.getByRole('button', { name: 'Confirm' }).click()
  await expect(prove.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true')
  await expectAccessible(page, ON_TOP)
  await prove.getByRole('button', { name: 'Close' }).click()
  await expect(page.getByRole('dialog', { name: 'New key' }).getByRole('alert')).toContainText('fresh proof')
})

test('the test mode is in the URL, over the page, and in the title; and is left by a menu', async ({ page }) => {
  await page.goto('/console/keys')
  await page.getByRole('button', { name: /Change mode/ }).click()
  await page.getByRole('menuitem', { name: /Test/ }).click()
  await expect(page).toHaveURL(/mode=test/)
  await expect(page.getByText('Nothing leaves this platform. Messages are free.').first()).toBeVisible()
  await expect(page).toHaveTitle(/^\[TEST\] API keys/)
  await page.getByRole('link', { name: 'Home' }).first().click()
  await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible()
  await expect(page).toHaveURL(/mode=test/)
  await expectAccessible(page)
  await page.getByRole('button', { name: /Change mode/ }).click()
  await page.getByRole('menuitem', { name: /Live/ }).click()
  await expect(page).not.toHaveURL(/mode=/)
})

test('a list that cannot be read says so with the request, and tries again', async ({ page }) => {
  await page.route('**/v1/keys?*', (route) =>
    route.fulfill({
      status: 500,
      contentType: 'application/problem+json',
      json: { code: 'internal_error', detail: 'Something went wrong.', retryable: false, param: null, request_id: 'req_test', doc_url: '' },
    }),
  )
  await page.goto('/console/keys')
  await expect(page.getByRole('alert')).toContainText('req_test')
  await expectAccessible(page)
  await page.unroute('**/v1/keys?*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('table', { name: 'API keys' })).toBeVisible()
})

test('a link that is not whole, and one that is gone, say so', async ({ page }) => {
  await page.goto('/console/reset')
  await expect(page.getByText('This address is not whole.')).toBeVisible()
  await page.goto('/console/setup')
  await expect(page.getByText('onesixty is set up already.')).toBeVisible()
  await page.goto('/console/reset#unknown')
  await page.getByLabel('New password').fill(OWNER.password)
  await page.getByRole('button', { name: 'Set the password' }).click()
  await expect(page.getByRole('alert')).toContainText('This link is unknown or has ended.')
  await page.goto('/console/nowhere')
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()
  expect((await call('GET', '/v1/me')).key_id).not.toBeNull()
})

test.describe('before anybody can sign in', () => {
  test.use({ storageState: NOBODY })

  /** What `GET /v1/sign-in` says of the installation. */
  const says = (page: Page, more: object): Promise<unknown> =>
    page.route('**/v1/sign-in', async (route) => {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, json: { ...(await answer.json()), ...more } })
    })

  test('the sign-in says where the set-up link is, and the link makes the owner once', async ({ page }) => {
    await says(page, { set_up: false, mail: false })
    await page.goto('/console/sign-in')
    await expect(page.getByRole('note')).toContainText('onesixty setup-link')
    await expectAccessible(page)
    await page.goto('/console/setup#x')
    await expect(page.getByRole('button', { name: 'Become the owner' })).toBeVisible()
    await expectAccessible(page)
    await page.unroute('**/v1/sign-in')

    await page.goto('/console/forgotten') // away from the page that knows it otherwise
    await page.goto('/console/setup#x')
    await expect(page.getByText('onesixty is set up already.')).toBeVisible()
    await page.getByRole('link', { name: 'To the sign-in' }).click()
    await expect(page.getByLabel('E-mail address')).toBeVisible()
    await expect(page.getByRole('note')).toHaveCount(0)
  })

  test('an installation that sends no mails says whom to ask for a new password', async ({ page }) => {
    await says(page, { mail: false })
    await page.goto('/console/sign-in')
    await expect(page.getByText('ask an owner or an admin for a link')).toBeVisible()
    await page.goto('/console/forgotten')
    await expect(page.getByText('ask an owner or an admin for a link')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Send the link' })).toHaveCount(0)
  })

  test('an empty field is needed, in the words of the person', async ({ page }) => {
    await page.goto('/console/sign-in')
    await page.getByRole('button', { name: 'Español' }).or(page.getByRole('link', { name: 'Español' })).click()
    await page.locator('button[type=submit]').click()
    const field = page.locator('input[type=email]')
    await expect(field).toBeFocused()
    await expect(field).toHaveAccessibleDescription('Hace falta.')
  })

  test('a refusal is said once', async ({ page }) => {
    await page.goto('/console/sign-in')
    await signIn(page, 'nobody-at-all@example.com')
    await expect(page.getByText('The address, the password or the code is wrong.')).toHaveCount(1)
  })
})

// Another e-mail address: asked for on one's own page, confirmed by the link in the mail, used to sign in.
import { signedIn } from './browser.ts'
import { expect, expectAccessible, expectNoSidewaysScroll, test } from './journey.ts'
import { picture } from './looks.ts'
import { type Mailbox, startMailbox } from './mailbox.ts'
import { OWNER, Product } from './product.ts'

const NEW = 'ada.lovelace@example.com'

// An installation of its own: with a mail server, invitations are mailed too, which the others do not expect.
let mailbox: Mailbox
let product: Product
let session = ''

test.beforeAll(async () => {
  mailbox = await startMailbox()
  product = await Product.start({ mail_server: mailbox.url })
  session = await product.owner()
})
test.afterAll(async () => {
  await product?.stop()
  mailbox?.stop()
})
test.use({ elsewhere: async ({}, use) => use([new URL(product.url).origin]) })

test('asks for another address, opens the link, and signs in with it', async ({ page, context }) => {
  await context.addCookies(signedIn(product.url, session).cookies)
  await page.goto(`${product.url}/console/me`)
  const address = page.getByRole('textbox', { name: 'New address' })
  await address.fill('nobody')
  await page.getByRole('button', { name: 'Send the link' }).click()
  await expect(address).toHaveAttribute('aria-invalid', 'true')
  await expect(address).toBeFocused()
  await address.fill(NEW)
  await page.getByRole('button', { name: 'Send the link' }).click()
  await expect(page.getByRole('status').filter({ hasText: `A link is on its way to ${NEW}` })).toBeVisible()
  await expectAccessible(page)
  await picture(page, 'email', 'me', true)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1280, height: 900 })

  await expect.poll(() => mailbox.letters.find(({ to }) => to.includes(NEW))?.text ?? '', { timeout: 30_000 }).toContain('/console/email#')
  const link = /http\S+\/console\/email#\S+/.exec(mailbox.letters.find(({ to }) => to.includes(NEW))?.text ?? '')?.[0] ?? ''
  await page.goto(link)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await expect(page.getByText('Your address is changed.')).toBeVisible()
  await expect.poll(() => mailbox.letters.some(({ to }) => to.includes(OWNER.email)), { timeout: 30_000 }).toBe(true)

  await context.clearCookies()
  await page.goto(`${product.url}/console/`)
  await page.getByLabel('E-mail address').fill(NEW)
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible()
})

// Something in every list of the console: for the checks that visit all pages, and for their screenshots.
import accounts from './accounts.seed.ts'
import messages from './messages.seed.ts'
import network from './network.seed.ts'
import type { Product } from './product.ts'
import sandbox from './sandbox.seed.ts'
import smpp from './smpp.seed.ts'
import templates from './templates.seed.ts'
import verify from './verify.seed.ts'
import webhooks from './webhooks.seed.ts'

export default async function seed(product: Product, session: string): Promise<void> {
  const [{ credential }] = await Promise.all([smpp(product), webhooks(product).then(() => messages(product)), network(product), sandbox(product, session), verify(product), templates(product), people(product, session)])
  await captures(product, credential)
}

/** One of each kind. That of the carrier is the first of the list. */
async function captures(product: Product, credential: string | undefined): Promise<void> {
  const [later] = (await product.call('GET', '/v1/messages?status=scheduled&limit=1')).data
  await product.call('POST', '/v1/captures', { message_id: later.id, seconds: 600 })
  await product.call('POST', '/v1/captures', { credential, seconds: 600 })
  await product.call('POST', '/v1/captures', { carrier: 'acme', seconds: 600 })
}

async function people(product: Product, session: string): Promise<void> {
  await accounts(product)
  const { id } = await product.call('POST', '/v1/keys', { name: 'old shop', mode: 'live', scopes: ['messages:send'] })
  await product.call('DELETE', `/v1/keys/${id}`)
  await product.asUser(session, 'POST', '/v1/invitations', { email: 'lin@example.com', role: 'developer' })
  await product.call('POST', '/v1/reports/saved', { name: 'By country', query: { step: 'day', by: 'country' }, span: { last: 7, unit: 'day' } })
  // A request that is refused, for the list of those.
  await product.call('POST', '/v1/sms/send', { to: '12', from: '+15557654321', text: 'Hello' }).catch(() => undefined)
}

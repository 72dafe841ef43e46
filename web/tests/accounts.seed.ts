// A customer with a payment, a correction, used limits and times of its own; a batch; and a key with limits: for
// screenshots of their pages.
import type { Product } from './product.ts'

export default async function seed(product: Product): Promise<Record<string, string>> {
  const lumo = await product.call('POST', '/v1/accounts', {
    name: 'Lumo Delivery', price_per_segment: '0.0500', currency: 'EUR', credit_limit: '50', limits: { messages_per_day: 10, messages_per_month: 5000, segments_per_second: 20 },
  })
  await product.call('POST', '/v1/adjustments', { account_id: lumo.id, amount: '250.00', currency: 'EUR', reason: 'Bank transfer', reference: '2026-0042' })
  await product.call('POST', '/v1/adjustments', { account_id: lumo.id, amount: '-12.50', currency: 'EUR', reason: 'Booked twice by mistake' })
  await product.call('PATCH', `/v1/retention/${lumo.id}`, { messages: 200, bodies: 30 })
  const [{ secret }] = lumo.keys
  for (let place = 0; place < 9; place += 1) await product.call('POST', '/v1/sms/send', { to: '+15000160001', from: 'Lumo', text: `Parcel ${place}` }, { key: secret })
  const batch = await product.call('POST', '/v1/sms/batch', { to: ['+15000160001', '+15000160011', '+15000160022', '12'], from: '+15557654321', text: 'To many' })
  const later = await product.call('POST', '/v1/sms/batch', { to: ['+15000160001', '+15000160011'], from: '+15557654321', text: 'Later', scheduled_at: new Date(Date.now() + 86_400_000).toISOString() })
  const key = await product.call('POST', '/v1/keys', { name: 'newsletter', mode: 'live', scopes: ['messages:send'], limits: { messages_per_day: 500, waiting_messages: 100 } })
  return { account: lumo.id, batch: batch.id, later: later.id, key: key.id }
}

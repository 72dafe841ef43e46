// Carriers, routes, pauses, a job and alerts: for screenshots of the pages of the network.
import type { Product } from './product.ts'
import { until } from './waiting.ts'

export default async function seed(product: Product): Promise<void> {
  await product.call('POST', '/v1/carriers', {
    name: 'acme', type: 'smpp', cost_per_segment: '0.031', currency: 'EUR',
    settings: { host: '127.0.0.1', port: 9, system_id: 'onesixty', password: 'secret', binds: 2 },
  })
  await product.call('POST', '/v1/routes', {
    // Where no test sends to: the first carrier of this route is paused, and it is in force on some days only.
    name: 'alps-otp', priority: 10, match: { countries: ['AT', 'CH'], classes: ['otp'], times: [{ from: '08:00', to: '20:00', weekdays: ['mon', 'tue'], zone: 'Europe/Berlin' }] },
    carriers: [{ carrier: 'acme', order: 1, weight: 3 }, { carrier: 'simulator', order: 1, weight: 1 }],
  })
  await product.call('POST', '/v1/routes', { name: 'partner', priority: 20, match: { prefixes: ['+4415'], senders: ['Acme'] }, carriers: ['acme'], enabled: false })
  for (let place = 0; place < 30; place += 1) {
    await product.call('POST', '/v1/sms/send', { to: place % 5 === 4 ? '+15000160022' : '+15000160001', from: '+15557654321', text: `Hello ${place}` })
  }
  await product.call('POST', '/v1/pauses', { kind: 'sender', value: 'Casino', reason: 'Complaints from a regulator' })
  await product.call('POST', '/v1/carriers/acme/pause', { reason: 'The carrier works on its side until 18:00' })
  await product.call('PATCH', '/v1/alert-rules/carrier_down', { for_seconds: 0 })
  await product.call('PATCH', '/v1/alert-rules/strays', { muted_until: new Date(Date.now() + 3_600_000).toISOString() })
  for (let place = 0; place < 3; place += 1) {
    await product.call('POST', '/v1/sms/send', { to: '+15000160001', from: '+15557654321', text: `Later ${place}`, tags: ['spring'], scheduled_at: new Date(Date.now() + 86_400_000).toISOString() })
  }
  await product.call('POST', '/v1/messages/cancel', { filter: { tag: 'spring' } })
  await product.call('POST', '/v1/messages/requeue', { filter: { country: 'FR' } })
  await until('an alert that fires', async () => (await product.call('GET', '/v1/alerts?status=firing')).data.length, (alerts) => alerts > 0)
}

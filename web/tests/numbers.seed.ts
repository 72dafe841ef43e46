// Numbers of several accounts with keywords, incoming messages, and ranges: for screenshots of the page of numbers.
import type { Product } from './product.ts'

export default async function seed(product: Product): Promise<void> {
  const shop = await product.call('POST', '/v1/accounts', { name: 'Tidewater Parcels', price_per_segment: '0.02', currency: 'EUR' })
  const clinic = await product.call('POST', '/v1/accounts', { name: 'مختبرات النيل', price_per_segment: '0.02', currency: 'EUR' })
  await product.call('POST', '/v1/webhooks', { url: 'https://example.com/hooks', events: ['message.received'] })
  for (const number of [
    { number: '+15550160160' },
    { number: '+15550142200', account_id: shop.id, deliver_to: 'webhooks', carrier: 'simulator' },
    { number: '+201000016000', account_id: clinic.id },
    { number: '48160', account_id: shop.id, keywords: ['play', 'gg', 'start', 'more', 'parcel'] },
    { number: '48160', account_id: clinic.id, keywords: ['health'], deliver_to: 'binds' },
    { number: '+15550009999', test: true, deliver_to: 'webhooks' },
  ]) {
    await product.call('POST', '/v1/numbers', number)
  }
  await product.call('PUT', '/v1/number-ranges', {
    ranges: [['4915199', '26291'], ['4915112', '26202'], ['447700', '23415'], ['1555014', '310260']].map(([prefix, network]) => ({ prefix, network })),
  })
  await product.call('POST', '/v1/sandbox/handsets/+15551230160/messages', { text: 'Is my parcel there?', to: '+15550160160' })
}

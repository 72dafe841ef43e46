// A carrier over SMPP that is bound, with traffic that is captured: for screenshots of carriers and captures.
import type { Product } from './product.ts'
import { Smsc } from './smsc.ts'
import { until } from './waiting.ts'

export default async function seed(product: Product): Promise<Record<string, string>> {
  const smsc = await Smsc.start('onesixty', 'secret')
  await product.call('POST', '/v1/carriers', {
    name: 'acme', type: 'smpp', cost_per_segment: '0.031', currency: 'EUR',
    settings: { host: '127.0.0.1', port: smsc.port, system_id: 'onesixty', password: 'secret', binds: 2, window: 50, throughput: 100, command_status: { '0x0412': 'recipient_opted_out' } },
  })
  await product.call('POST', '/v1/routes', { name: 'acme', priority: 5, match: { countries: ['DE'] }, carriers: ['acme'] })
  // From the start on, so that the binds are in it.
  await product.call('PATCH', '/v1/carriers/acme', { enabled: false })
  await product.call('PATCH', '/v1/carriers/acme', { enabled: true })
  const masked = await product.call('POST', '/v1/captures', { carrier: 'acme', seconds: 3600 })
  const whole = await product.call('POST', '/v1/captures', { carrier: 'acme', bind: '1', seconds: 900, bodies: true })
  await until('two binds of the carrier', async () => (await product.call('GET', '/v1/carriers/acme')).state?.binds_bound, (bound) => bound === 2)
  for (let place = 0; place < 12; place += 1) {
    await product.call('POST', '/v1/sms/send', { to: `+49151123456${place + 10}`, from: 'Acme', text: place % 3 === 0 ? `Ваш код ${place}12345` : `Your code is ${place}82931` })
  }
  await product.call('POST', '/v1/sms/send', { to: '+4915112345699', from: 'Acme', text: 'A long message goes in parts. '.repeat(8) })
  await until('50 frames in the capture', async () => (await product.call('GET', `/v1/captures/${masked.id}`)).frames, (frames) => frames > 50)
  await product.call('POST', `/v1/captures/${whole.id}/stop`)
  const gone = await product.call('POST', '/v1/carriers', { name: 'former', type: 'simulator' })
  await product.call('DELETE', `/v1/carriers/${gone.id}`)
  const { id: acme } = await product.call('GET', '/v1/carriers/acme')
  return { masked: masked.id, whole: whole.id, acme, gone: gone.id }
}

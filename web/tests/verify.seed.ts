// Verifications: one that is open, one that was canceled, and one of a test number that was approved.
import type { Product } from './product.ts'

export default async function seed(product: Product): Promise<Record<string, string>> {
  await product.call('POST', '/v1/verify-profiles', { name: 'login', application: 'Acme', sender: 'Acme', guards: { countries: ['US'] }, test_numbers: [{ number: '+15550100001', code: '123456' }] })
  await product.call('POST', '/v1/verify-profiles', { name: 'payments', application: 'Acme Pay', sender: 'AcmePay', life: 1200, channels: [{ channel: 'sms', after: 120 }, { channel: 'email', after: 90 }] })
  const start = (to: string, more: object = {}) => product.call('POST', '/v1/verifications', { to, profile: 'login', ...more })
  const open = await start('+15000160001', { reference: 'signup-1' })
  await product.call('POST', `/v1/verifications/${(await start('+15000160016')).id}/cancel`)
  const fixed = await start('+15550100001')
  await product.call('POST', `/v1/verifications/${fixed.id}/check`, { code: '000000' })
  await product.call('POST', `/v1/verifications/${fixed.id}/check`, { code: '123456' })
  return { it: open.id, approved: fixed.id }
}

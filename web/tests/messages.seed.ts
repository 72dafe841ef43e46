// Messages with every end that the sandbox has: for screenshots of the pages of messages.
import type { Product } from './product.ts'

const NUMBERS = ['+15000160001', '+15000160001', '+15000160011', '+15000160013', '+15000160022', '+15000160023', '+15000160024', '+15000160031', '+15000160051', '+15000160061']

export default async function seed(product: Product): Promise<void> {
  for (const [place, to] of NUMBERS.entries()) {
    await product.call('POST', '/v1/sms/send', { to, from: '+15557654321', text: `Your parcel ${1000 + place} arrives between 14:00 and 16:00.`, reference: `order-${place}` })
  }
  await product.call('POST', '/v1/sms/send', { to: '+15000160002', from: 'Acme', text: 'مرحبا! رمزك هو 4711', class: 'otp' })
  await product.call('POST', '/v1/sms/send', { to: '+15000160001', from: 'Acme', text: `Don’t miss it: ${'a long text about many things. '.repeat(8)}` })
  await product.call('POST', '/v1/sms/send', { to: '+15000160001', from: 'Acme', text: 'Later', scheduled_at: new Date(Date.now() + 86_400_000).toISOString() })
}

// Credentials, an open bind and refused ones: for screenshots of the page of SMPP.
import type { Product } from './product.ts'
import { Program } from './smpp.ts'

export default async function seed(product: Product): Promise<Record<string, string>> {
  const listen = product.environment.ONESIXTY_SMPP_LISTEN ?? ''
  const made = await product.call('POST', '/v1/smpp-credentials', { system_id: 'shop', profile: { max_binds: 4 } })
  await product.call('POST', '/v1/smpp-credentials', { system_id: 'billing', test: true })
  const { id } = await product.call('POST', '/v1/smpp-credentials', { system_id: 'old' })
  await product.call('DELETE', `/v1/smpp-credentials/${id}`)
  // The first one stays until this program ends.
  await Program.bind(listen, 'shop', made.password)
  await Program.bind(listen, 'shop', 'wrong')
  await Program.bind(listen, 'nobody', 'wrong')
  return { credential: made.id }
}

// Business profiles in several states: for screenshots of their pages.
import type { Product } from './product.ts'

const PDF = '%PDF-1.4\n1 0 obj<<>>endobj\nxref\n0 1\ntrailer<<>>\nstartxref\n9\n%%EOF\n'
const SHOPS = ['Example Shop GmbH', 'Boutique Exemple SARL', 'Loja Exemplo Ltda.']

export default async function seed(product: Product): Promise<void> {
  const own = await product.call('GET', '/v1/account')
  await fill(product, own.id, 'Acme Messaging GmbH')
  await upload(product, own.id)
  for (const [place, name] of SHOPS.entries()) {
    const { id } = await product.call('POST', '/v1/accounts', { name, price_per_segment: '0.01' })
    await fill(product, id, name)
    await upload(product, id)
    await product.call('POST', `/v1/profiles/${id}/submit`)
    if (place === 2) await product.call('POST', `/v1/profiles/${id}/decide`, { decision: 'reject', reasons: ['The extract of the register is older than three months.', 'The address is not readable.'] })
  }
}

const fill = (product: Product, id: string, legal_name: string): Promise<unknown> =>
  product.call('PATCH', `/v1/profiles/${id}`, {
    legal_name, registration_number: 'HRB 12345', street: 'Hauptstr. 1', postal_code: '10115', city: 'Berlin', country: 'DE', contact_name: 'Ada Example', contact_email: 'ada@shop.example.com',
  })

async function upload(product: Product, id: string): Promise<void> {
  const answer = await fetch(`${product.url}/v1/documents?name=register.pdf&kind=registration&account_id=${id}`, {
    method: 'POST', headers: { Authorization: `Bearer ${product.key}`, 'Content-Type': 'application/pdf' }, body: PDF + `%${id}\n%%EOF\n`,
  })
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
}

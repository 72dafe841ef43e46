// Templates in each state, with two versions, several languages and a registration: for screenshots of their pages.
import type { Product } from './product.ts'

export default async function seed(product: Product): Promise<Record<string, string>> {
  const shipped = await product.call('POST', '/v1/templates', {
    name: 'order-shipped', purpose: 'transactional', default_language: 'en', max_segments: 2,
    texts: {
      en: '{shop}: your order {order} arrives in {days, plural, one {# day} other {# days}}. Don’t reply.',
      de: '{shop}: Ihre Bestellung {order} kommt in {days, plural, one {# Tag} other {# Tagen}}.',
      ar: '{shop}: يصل طلبك {order} خلال {days, plural, zero {# يوم} one {يوم} two {يومين} few {# أيام} many {# يومًا} other {# يوم}}.',
    },
    variables: { shop: { type: 'string', longest: 20, example: 'Acme' }, order: { type: 'string', longest: 12, numbers: true, example: 'A-20261130' }, days: { type: 'number', longest: 2, example: 3 } },
    registrations: [{ country: 'IN', ids: { entity: '1101230000000001234', template: '1107160000000001234' } }],
  })
  await product.call('POST', `/v1/templates/${shipped.id}/submit`)
  await product.call('POST', `/v1/templates/${shipped.id}/decide`, { decision: 'approve' })
  await product.call('PATCH', `/v1/templates/${shipped.id}`, { texts: { en: '{shop}: order {order} arrives in {days, plural, one {# day} other {# days}}. Track it in the app.' } })
  const code = await product.call('POST', '/v1/templates', {
    name: 'sign-in-code', purpose: 'otp', default_language: 'en', texts: { en: '{code} is your code.' }, variables: { code: { type: 'code', longest: 6 } },
  })
  await product.call('POST', `/v1/templates/${code.id}/submit`)
  const sale = await product.call('POST', '/v1/templates', { name: 'sale', purpose: 'marketing', default_language: 'en', texts: { en: 'Everything must go' }, variables: {} })
  await product.call('POST', `/v1/templates/${sale.id}/submit`)
  await product.call('POST', `/v1/templates/${sale.id}/decide`, { decision: 'reject', reasons: ['The text does not say who sends it.', 'There is no way to opt out.'] })
  return { template: shipped.id, code: code.id, sale: sale.id }
}

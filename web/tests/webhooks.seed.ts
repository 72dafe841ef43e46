// Endpoints that take, refuse and are switched off, with deliveries: for screenshots of the pages of webhooks.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Product } from './product.ts'

export default async function seed(product: Product): Promise<void> {
  const server = createServer((request, answer) => {
    request.resume()
    const down = request.url?.includes('down') === true
    answer.writeHead(down ? 503 : 200, { 'Content-Type': 'application/json' })
    answer.end(down ? '{"error":"the database is away"}' : '{"ok":true}')
  }).listen(0, '127.0.0.1')
  server.unref()
  await new Promise((ready) => server.once('listening', ready))
  const { port } = server.address() as AddressInfo
  const at = (path: string): string => `http://127.0.0.1:${port}/${path}`
  await product.call('POST', '/v1/webhooks', { url: at('hooks/shop'), events: ['*'], description: 'The shop' })
  await product.call('POST', '/v1/webhooks', { url: at('hooks/down'), events: ['message.delivered', 'message.failed'], description: 'Billing' })
  const { id } = await product.call('POST', '/v1/webhooks', { url: at('hooks/old'), events: ['message.received'] })
  await product.call('PATCH', `/v1/webhooks/${id}`, { enabled: false })
  for (const to of ['+15000160001', '+15000160002', '+15000160011', '+15000160013']) {
    await product.call('POST', '/v1/sms/send', { to, from: '+15557654321', text: 'Your parcel is on its way.' })
  }
}

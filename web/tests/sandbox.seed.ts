// Handsets with messages of both directions in both modes, and an endpoint of the test mode: for screenshots of the page
// of the sandbox.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Product } from './product.ts'
import { until } from './waiting.ts'

const TEST = { 'Onesixty-Mode': 'test' }

export default async function seed(product: Product, session: string): Promise<void> {
  const server = createServer((request, answer) => {
    request.resume()
    answer.writeHead(200, { 'Content-Type': 'application/json' })
    answer.end('{"ok":true}')
  }).listen(0, '127.0.0.1')
  server.unref()
  await new Promise((ready) => server.once('listening', ready))
  const { port } = server.address() as AddressInfo
  await product.asUser(session, 'POST', '/v1/webhooks', { url: `http://127.0.0.1:${port}/hooks/shop`, events: ['*'] }, TEST)
  for (const headers of [{}, TEST]) {
    const call = (method: string, path: string, body?: unknown) => product.asUser(session, method, path, body, headers)
    for (const to of ['+15000160001', '+4915112345678', '+15000160013', '+15000160062']) {
      await call('POST', '/v1/sms/send', { to, from: '+15550009999', text: 'Your parcel arrives between 14:00 and 16:00. Is that a good time?' })
    }
    await call('POST', '/v1/sms/send', { to: '+15000160001', from: 'Acme', text: `مرحبا! رمزك هو 4711. ${'Some more text. '.repeat(12)}` })
    const handsets = async (): Promise<string[]> => (await call('GET', '/v1/sandbox/handsets')).data.map(({ number }: { number: string }) => number)
    await until('the handset +15000160001', handsets, (numbers) => numbers.includes('+15000160001'))
    await call('POST', '/v1/sandbox/handsets/+15000160001/messages', { text: 'Yes, call me', to: '+15550009999' })
  }
}

// Traffic of an hour with countries, networks, errors and senders: for the journey of analytics, and for screenshots.
// `npm run shots -- /analytics --demo` has a week of it.
import type { Json, Product } from './product.ts'
import { until } from './waiting.ts'

type Call = (method: string, path: string, body?: unknown) => Promise<Json>

const SENDERS = ['+15557654321', 'Acme', 'Shop']
/** Numbers with their networks. Those of Britain and France have none. */
const RANGES = [
  { prefix: '1500016000', network: '310991' },
  { prefix: '1500016002', network: '310992' },
  { prefix: '49151', network: '26291' },
]
const RECIPIENTS = [
  '+15000160001', '+15000160001', '+15000160001', '+15000160001', '+15000160011', '+15000160013', '+15000160013', '+15000160013',
  '+15000160014', '+15000160022', '+15000160023', '+15000160023', '+4915112345678', '+4915112345670', '+447700900123', '+33612345678',
]
const ENDED = ['delivered', 'undelivered', 'unconfirmed', 'failed', 'expired']
const WAIT_MS = 120_000

/** Send all of it, and wait until it has ended and is counted. `call` acts in the account that sends. */
export async function traffic(call: Call, times = 1): Promise<void> {
  await call('PUT', '/v1/number-ranges', { ranges: RANGES })
  const start = new Date(Date.now() - 60_000).toISOString()
  const sent = RECIPIENTS.length * times
  for (let place = 0; place < sent; place += 1) {
    const to = RECIPIENTS[place % RECIPIENTS.length]
    await call('POST', '/v1/sms/send', { to, from: SENDERS[((place * 7) % 5) % SENDERS.length], text: `Your parcel ${place} is on its way.`, class: place % 4 === 0 ? 'otp' : 'transactional' })
  }
  const statuses = async (): Promise<Record<string, number>> => {
    const { data } = await call('GET', `/v1/reports/messages?start=${start}&step=minute`)
    const counts: Record<string, number> = {}
    for (const row of data) for (const [status, count] of Object.entries(row.statuses as Record<string, number>)) counts[status] = (counts[status] ?? 0) + count
    return counts
  }
  await until(`${sent} messages that have ended`, statuses, (counts) => ENDED.reduce((sum, status) => sum + (counts[status] ?? 0), 0) >= sent, WAIT_MS)
}

export default async function seed(product: Product): Promise<void> {
  await traffic((method, path, body) => product.call(method, path, body), 6)
}

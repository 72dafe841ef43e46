// What a job is asked for, and actions on messages one by one.
import { describe, expect, test } from 'vitest'
import { Refusal } from '../api/problem'
import { byReason, eachOf, isNumber, jobFilterOf, numberOf, type Outcome } from './bulk'
import type { MessagesSearch } from './shape'

const NOW = Date.parse('2026-11-29T12:00:30Z')
const wanted = (...[kind, search]: [Parameters<typeof jobFilterOf>[0], Parameters<typeof jobFilterOf>[1]]) => jobFilterOf(kind, search, NOW, 'acc_1', false)

describe('the filter of a job', () => {
  test('has the account, the mode, and what the list has', () => {
    const { filter, statuses, unknown } = wanted('cancel', { country: 'DE', class: 'otp', last: '1h', error_code: 'no_route', order: 'oldest' })
    expect(filter).toEqual({ account: 'acc_1', test: false, country: 'DE', class: 'otp', error: 'no_route', created_after: '2026-11-29T11:00:00.000Z' })
    expect([statuses, unknown]).toEqual([['scheduled', 'queued', 'held'], []])
  })

  test('means only statuses that the list shows and the job may change', () => {
    expect(wanted('cancel', { status: ['scheduled', 'delivered'] })).toMatchObject({ statuses: ['scheduled'], filter: { status_not: ['queued', 'held'] } })
    expect(wanted('requeue', { status: ['held', 'queued', 'scheduled'] })).toMatchObject({ statuses: ['queued', 'held'] })
    expect(wanted('requeue', { status: ['held', 'queued', 'scheduled'] }).filter).not.toHaveProperty('status_not')
    expect(wanted('cancel', { status_not: ['held', 'failed'] })).toMatchObject({ statuses: ['scheduled', 'queued'], filter: { status_not: ['held'] }, unknown: [] })
    expect(wanted('cancel', { status: ['held'], status_not: ['held'] }).statuses).toEqual([])
    expect(wanted('reroute', { status: ['failed'] }).statuses).toEqual([])
    expect(wanted('cancel', { direction: 'inbound' }).statuses).toEqual([])
    expect(wanted('cancel', { direction_not: ['outbound'] }).statuses).toEqual([])
    expect(wanted('cancel', { direction_not: ['inbound'] })).toMatchObject({ statuses: ['scheduled', 'queued', 'held'], unknown: [] })
  })

  test('takes a whole number, and names what jobs do not know', () => {
    expect(wanted('reroute', { carrier: 'tokyo' })).toMatchObject({ filter: { carrier: 'tokyo' }, unknown: [] })
    expect(wanted('requeue', { network: '26201' })).toMatchObject({ filter: { network: '26201' }, unknown: [] })
    expect(wanted('requeue', { duplicates: 'true' })).toMatchObject({ filter: { duplicates: true }, unknown: [] })
    expect(wanted('cancel', { network: 'none', country: 'none', error_code: 'none', tag: 'none' }).unknown, 'what has none').toEqual(['network', 'country', 'error_code'])
    expect(wanted('cancel', { country_not: ['DE', 'none'], error_code_not: ['none'], tag_not: ['none'] }).unknown).toEqual(['country_not', 'error_code_not'])
    expect(wanted('cancel', { country_not: ['DE'], error_code_not: ['no_route'], carrier_not: ['acme'], tag_not: ['a', 'b'] })).toMatchObject({
      filter: { country_not: ['DE'], error_not: ['no_route'], carrier_not: ['acme'], tag_not: ['a', 'b'] },
      unknown: [],
    })
    expect(wanted('cancel', { number: '+4915112345678' })).toMatchObject({ filter: { to: '+4915112345678' }, unknown: [] })
    expect(wanted('cancel', { number: '+4915112345678', to: '+15551234567' })).toMatchObject({ filter: { to: '+15551234567' }, unknown: ['number'] })
    expect(wanted('cancel', { to_not: ['+15551234567'], from_not: ['Acme'], sender_shown_not: ['Acme', 'Shop'] })).toMatchObject({
      filter: { to_not: ['+15551234567'], from_not: ['Acme', 'Shop'] },
      unknown: [],
    })
    expect(wanted('cancel', { sender_shown: 'Shop' }), 'no carrier has changed the sender yet').toMatchObject({ filter: { from: 'Shop' }, unknown: [] })
    expect(wanted('cancel', { from: 'Acme', sender_shown: 'Shop' }).unknown).toEqual(['sender_shown'])
    expect(wanted('cancel', { number: '0151', reference_prefix: 'order-' }).unknown).toEqual(['number', 'reference_prefix'])
    expect(wanted('cancel', { later: 'x' } as MessagesSearch).unknown, 'a filter that is new').toEqual(['later'])
  })
})

test('the number to type may have separators', () => {
  for (const typed of ['12431', ' 12,431', '12.431', '12 431', "12'431"]) expect(isNumber(typed, 12_431)).toBe(true)
  for (const typed of ['', '1243', '12431 messages', '-12431']) expect(isNumber(typed, 12_431)).toBe(false)
  expect(numberOf({ scheduled: 3, held: 2, sent: 9 }, ['scheduled', 'queued', 'held'])).toBe(5)
})

test('reasons are counted, the commonest first', () => {
  expect(byReason([{ reason: 'expired' }, { reason: 'being_sent' }, { reason: 'being_sent' }])).toEqual([['being_sent', 2], ['expired', 1]])
})

describe('one by one', () => {
  const refusal = new Refusal({ type: '', title: '', status: 409, detail: '', code: 'conflict', param: null, retryable: false, doc_url: '', request_id: '' })

  test('what is refused is skipped, with its code', async () => {
    const told: Outcome[] = []
    const outcome = await eachOf(['a', 'b', 'c'], async (id) => {
      if (id === 'b') throw refusal
    }, (each) => told.push(each), new AbortController().signal)
    expect(outcome).toEqual({ done: ['a', 'c'], skipped: [{ id: 'b', reason: 'conflict' }] })
    expect(told.map(({ done, skipped }) => [done.length, skipped.length])).toEqual([[1, 0], [1, 1], [2, 1]])
  })

  test('it stops when it is told to, and does not hide a fault', async () => {
    const stop = new AbortController()
    const outcome = await eachOf(['a', 'b'], async () => stop.abort(), () => undefined, stop.signal)
    expect(outcome.done).toEqual(['a'])
    await expect(eachOf(['a'], () => Promise.reject(new TypeError('broken')), () => undefined, new AbortController().signal)).rejects.toThrow('broken')
  })
})

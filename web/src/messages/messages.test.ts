// The filters, the live list and the waterfall of messages.
import { describe, expect, test } from 'vitest'
import filters from '../../tests/filters.json'
import { valuesOf } from './Counted'
import { phasesOf, sharesOf } from './history'
import { freshOf, type Pages, patched, prepended } from './live'
import { type Message, messageOf } from './message'
import { matches, queryOf } from './search'
import { messagesSearch } from './shape'

const NOW = Date.parse('2026-11-29T12:00:30Z')

const message = (changes: Partial<Message> = {}): Message => ({
  id: 'msg_1', channel: 'sms', direction: 'outbound', status: 'queued', class: 'transactional', from: '+15557654321', to: '+4915112345678',
  text: 'hi', binary: null, udh: null, template: null, encoding: 'gsm7', segments: 1, country: 'DE', network: null, price: '0.01', currency: 'EUR',
  created_at: '2026-11-29T12:00:00.000Z', expires_at: '2026-11-30T12:00:00.000Z', queued_at: null, sent_at: null, delivered_at: null,
  undelivered_at: null, unconfirmed_at: null, failed_at: null, expired_at: null, canceled_at: null, received_at: null, redacted_at: null,
  scheduled_at: null, not_before: null, held_for: null, error: null, notices: [], tags: [], reference: null, batch_id: null,
  campaign_id: null, chain_id: null, sender_used: null, duplicates: 0, flash: false, incomplete: false, priority: 0, test: false,
  ...changes,
})

const pages = (...rows: Message[]): Pages => ({ pages: [{ data: rows, next: null }], pageParams: [null] })
const told = (...rows: Message[]): Map<string, Message> => new Map(rows.map((row) => [row.id, row]))

describe('filters', () => {
  test('what the URL does not know is dropped', () => {
    expect(messagesSearch({ status: ['failed', 'nonsense'], number: '+49', other: 'x', last: '2h' })).toEqual({ status: ['failed'], number: '+49' })
  })

  test('a span that ends now begins at a whole minute', () => {
    expect(queryOf({ last: '1h', number: '49' }, NOW)).toEqual({ number: '49', created_after: '2026-11-29T11:00:00.000Z' })
    expect(queryOf({ created_after: '2026-11-29T00:00Z' }, NOW)).toEqual({ created_after: '2026-11-29T00:00:00.000Z' })
    expect(queryOf({ created_after: 'yesterday' }, NOW)).toEqual({ created_after: 'yesterday' })
  })

  test('none is an empty value for the API', () => {
    expect(queryOf({ country: 'none', network: 'none', error_code: 'none' }, NOW)).toEqual({ country: '', network: '', error_code: '' })
    expect(queryOf({ network: '26201' }, NOW)).toEqual({ network: '26201' })
  })

  test('a choice of two is yes or no for the API', () => {
    expect(queryOf({ duplicates: 'true' }, NOW)).toEqual({ duplicates: true })
    expect(queryOf({ duplicates: 'false' }, NOW)).toEqual({ duplicates: false })
    expect(matches({ duplicates: 'true' }, message({ duplicates: 2 }), NOW)).toBe(true)
  })

  test.each([
    [{}, true],
    [{ number: '+4915' }, true],
    [{ number: '12345' }, true],
    [{ number: '999' }, false],
    [{ status: ['queued', 'sent'] as const }, true],
    [{ status: ['failed'] as const }, false],
    [{ country: 'de' }, true],
    [{ country: 'none' }, false],
    [{ network: 'none' }, true],
    [{ network: '26201' }, false],
    [{ error_code: 'none' }, true],
    [{ error_code: 'undeliverable' }, false],
    [{ sender_shown: '+15557654321' }, true],
    [{ carrier: 'acme' }, false],
    [{ duplicates: 'true' }, false],
    [{ duplicates: 'false' }, true],
    [{ last: '1h' as const }, true],
    [{ created_before: '2026-11-29T12:00:00Z' }, false],
  ])('%j: %s', (search, passes) => {
    expect(matches(messagesSearch(search), message(), NOW)).toBe(passes)
  })
})

describe('messages are judged as the API does', () => {
  const EMPTY = ['country', 'network', 'error_code'].flatMap((name) => [name, `${name}_not`])
  const known = filters.messages as unknown as Message[]

  test.each(filters.cases.map(({ query, passing }) => [JSON.stringify(query), query, passing] as const))('%s', (_, query, passing) => {
    const search = messagesSearch(
      Object.fromEntries(Object.entries(query).map(([name, value]) => [name, EMPTY.includes(name) ? [value].flat().map((each) => each || 'none') : value])),
    )
    expect(known.flatMap((each, place) => (matches(search, each, NOW) ? [place] : []))).toEqual(passing)
    expect(JSON.parse(JSON.stringify(queryOf(search, NOW)))).toEqual(asked(query))
  })

  /** The query as the console asks it: a choice of two is a truth value there. */
  const asked = ({ duplicates, ...query }: Record<string, unknown>) => ({ ...query, ...(duplicates === undefined ? {} : { duplicates: duplicates === 'true' }) })
})

describe('the live list', () => {
  test('rows are changed in their place', () => {
    const before = pages(message(), message({ id: 'msg_0' }))
    const after = patched(before, told(message({ id: 'msg_0', status: 'delivered' })))
    expect(after.pages[0]?.data.map((row) => row.status)).toEqual(['queued', 'delivered'])
    expect(patched(before, told(message({ id: 'msg_9' })))).toBe(before)
  })

  test('new ones come to the top, newest first, each once', () => {
    const before = pages(message({ id: 'msg_1' }))
    const after = prepended(before, [message({ id: 'msg_2' }), message({ id: 'msg_3' }), message({ id: 'msg_1' })])
    expect(after.pages[0]?.data.map((row) => row.id)).toEqual(['msg_3', 'msg_2', 'msg_1'])
  })

  test('a later page or another filter is not new', () => {
    const before = pages(message({ id: 'msg_5' }))
    const found = freshOf(before, told(message({ id: 'msg_4' }), message({ id: 'msg_6' }), message({ id: 'msg_7', country: 'FR' })), { country: 'DE' }, NOW)
    expect(found.map((row) => row.id)).toEqual(['msg_6'])
  })

  test('the feed carries a message in the body of a webhook', () => {
    expect(messageOf({ type: 'message.sent', data: { id: 'evt_1', data: message() } })?.id).toBe('msg_1')
    expect(messageOf({ type: 'alert.firing', data: { data: {} } })).toBeNull()
  })
})

describe('the waterfall', () => {
  const sent = message({ status: 'delivered', sent_at: '2026-11-29T12:00:02.000Z', delivered_at: '2026-11-29T12:00:12.000Z' })
  const attempt = {
    type: 'attempt', at: '2026-11-29T12:00:02.000Z', submitted_at: '2026-11-29T12:00:01.000Z', attempt: 1, segment: 1, segments: 1,
    outcome: 'accepted', error: null, error_title: null, milliseconds: 1000, sender: 'Acme',
  } as const

  test('each phase has its time', () => {
    expect(phasesOf(sent, [attempt], NOW).map(({ name, milliseconds }) => [name, milliseconds])).toEqual([['waiting', 1000], ['carrier', 1000], ['handset', 10_000]])
  })

  test('what goes on ends now', () => {
    expect(phasesOf(message(), [], NOW)).toEqual([{ name: 'waiting', milliseconds: 30_000, going: true }])
    expect(phasesOf(message({ direction: 'inbound' }), [], NOW)).toEqual([])
    // A webhook that is tried again was told of, for the first time, when the message ended.
    const delivery = {
      type: 'delivery', at: '2026-11-29T12:00:12.000Z', created_at: '2026-11-29T12:00:12.000Z', delivery_id: 'dlv_1', event_id: 'evt_1', event: 'message.delivered',
      webhook_id: 'whk_1', status: 'pending', attempts: 1, response_status: 503, error_text: 'status 503', next_attempt_at: '2026-11-29T12:01:00.000Z',
    } as const
    expect(phasesOf(sent, [attempt, delivery], NOW).at(-1)).toEqual({ name: 'webhook', milliseconds: 18_000, going: true })
    expect(phasesOf(sent, [attempt, { ...delivery, at: '2026-11-29T12:00:13.000Z', status: 'delivered' }], NOW).at(-1)).toEqual({ name: 'webhook', milliseconds: 1000, going: false })
  })

  test('shares are all seen, and make one', () => {
    const shares = sharesOf(phasesOf(sent, [attempt], NOW))
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1)
    expect(Math.min(...shares)).toBeGreaterThan(0.05)
    expect(sharesOf([])).toEqual([])
  })
})

describe('what is counted', () => {
  test('values are sorted by how many there are; statuses go as a message does', () => {
    expect(valuesOf('network', { 26202: 3, 26201: 1, null: 2 }, [])).toEqual(['26202', 'none', '26201'])
    expect(valuesOf('status', { failed: 9, queued: 1 }, [])).toEqual(['queued', 'failed'])
  })

  test('the value that the list is filtered by is there, however few there are', () => {
    expect(valuesOf('country', { DE: 1 }, ['FR'])).toEqual(['DE', 'FR'])
    expect(valuesOf('status', {}, ['held'])).toEqual(['held'])
    expect(valuesOf('error_code', { null: 1 }, ['none'])).toEqual(['none'])
  })
})

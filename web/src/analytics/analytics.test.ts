// What analytics computes: periods, what is kept, comparisons, money, lines, and the lists behind its numbers.
import { describe, expect, test } from 'vitest'
import { queryOf } from '../messages/search'
import { countriesOf, decimal, groupsOf, judge, leastMargin, LOST, marginOf, moneyOf, pointsOf, type Rate, type Row, splitOf, worseOf } from './figures'
import { savedSearch } from './saving'
import { analyticsSearch } from './search'
import { chosen, iso, listOf, notKept, reportQuery, spansOf, stepsOf } from './view'
import { floorTo, fromLocal, next, toLocal } from './zones'

const NOW = Date.parse('2026-11-29T12:07:30Z')
const BERLIN = 'Europe/Berlin'
const row = (changes: Partial<Row>): Row => ({ start: '', end: '', messages: 0, segments: 0, statuses: {}, price: [], ...changes })
const rate = (delivered: number, ended: number): Rate => ({ delivered, ended, rate: delivered / ended })

describe('local time', () => {
  test('days begin at midnight of the zone, also when the clock changes', () => {
    expect(iso(floorTo(NOW, 'day', BERLIN))).toBe('2026-11-28T23:00:00.000Z')
    // 29 March 2026 has 23 hours in Berlin, 25 October 25.
    const spring = floorTo(Date.parse('2026-03-29T12:00Z'), 'day', BERLIN)
    expect(next(spring, 'day', BERLIN) - spring).toBe(23 * 3_600_000)
    const autumn = floorTo(Date.parse('2026-10-25T12:00Z'), 'day', BERLIN)
    expect(next(autumn, 'day', BERLIN) - autumn).toBe(25 * 3_600_000)
  })

  test('a day begins after the midnight that the clock passes over, and the day after it at midnight', () => {
    for (const [zone, noon, begins, follows] of [
      ['Africa/Cairo', '2026-04-24T12:00Z', '2026-04-23T22:00:00.000Z', '2026-04-24T21:00:00.000Z'],
      ['America/Santiago', '2026-09-06T12:00Z', '2026-09-06T04:00:00.000Z', '2026-09-07T03:00:00.000Z'],
      // This midnight comes twice.
      ['America/Havana', '2026-11-01T12:00Z', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'],
    ] as const) {
      const day = floorTo(Date.parse(noon), 'day', zone)
      expect([iso(day), iso(next(day, 'day', zone))]).toEqual([begins, follows])
    }
  })

  test('a local time that the clock passes over comes later, and the first of two is meant, on both sides of Greenwich', () => {
    const at = (local: string, zone: string): string => iso(fromLocal(Date.parse(`${local}Z`), zone))
    expect(at('2026-03-29T02:30', BERLIN)).toBe('2026-03-29T01:30:00.000Z') // 03:30
    expect(at('2026-03-08T02:30', 'America/New_York')).toBe('2026-03-08T07:30:00.000Z') // 03:30
    expect(at('2026-10-25T02:30', BERLIN)).toBe('2026-10-25T00:30:00.000Z')
    expect(at('2026-11-01T01:30', 'America/New_York')).toBe('2026-11-01T05:30:00.000Z')
  })

  test('hours begin with those of the zone', () => {
    expect(iso(floorTo(NOW, 'hour', 'Asia/Kolkata'))).toBe('2026-11-29T11:30:00.000Z')
    expect(iso(next(floorTo(NOW, 'month', BERLIN), 'month', BERLIN))).toBe('2026-11-30T23:00:00.000Z')
  })

  test('there and back', () => {
    for (const zone of ['UTC', BERLIN, 'Asia/Kathmandu', 'America/St_Johns']) expect(fromLocal(toLocal(NOW - 30_000, zone), zone)).toBe(NOW - 30_000)
  })
})

describe('periods', () => {
  test('seven days are whole days up to now; the seven before have the same weekdays', () => {
    const { start, end, before, step } = spansOf({}, NOW, BERLIN)
    expect([iso(start), iso(end), step]).toEqual(['2026-11-22T23:00:00.000Z', '2026-11-29T12:15:00.000Z', 'day'])
    expect([iso(before.start), iso(before.end)]).toEqual(['2026-11-15T23:00:00.000Z', '2026-11-22T12:15:00.000Z'])
  })

  test('a day has hours', () => {
    const spans = spansOf({ last: '24h' }, NOW, 'UTC')
    expect([iso(spans.start), spans.step, stepsOf(spans).length]).toEqual(['2026-11-28T13:00:00.000Z', 'hour', 24])
    expect(iso(spans.later(spans.before.start))).toBe(iso(spans.start))
  })

  test('a span of one’s own', () => {
    const spans = spansOf({ start: '2026-11-01', end: '2026-11-03' }, NOW, 'UTC')
    expect([iso(spans.start), iso(spans.end), spans.step, iso(spans.before.start)]).toEqual(['2026-11-01T00:00:00.000Z', '2026-11-03T00:00:00.000Z', 'hour', '2026-10-30T00:00:00.000Z'])
    expect(spansOf({ start: '2026-01-01' }, NOW, 'UTC').step).toBe('month')
  })

  test('a span that ends now and one with a beginning exclude each other', () => {
    expect(chosen({ last: '24h', start: '2026-11-01' }, { start: '2026-11-01' })).toEqual({ last: '24h' })
    expect(chosen({ last: '24h', start: '2026-11-01' }, { last: '24h' })).toEqual({ start: '2026-11-01' })
    expect(chosen({ country: 'de' }, {})).toEqual({ country: 'DE' })
  })

  test('an unknown zone is dropped', () => {
    expect(analyticsSearch({ zone: 'Mars/Base', country: 'DE' })).toEqual({ country: 'DE' })
  })
})

describe('what is kept', () => {
  test.each([
    [{}, { by: 'country,network' }, []],
    [{ country: 'DE', class: 'otp' as const }, { by: 'error,status' }, []],
    [{ sender: 'Acme' }, { by: 'country,network' }, ['sender']],
    [{ sender: 'Acme' }, { by: 'sender,status' }, []],
    [{ sender: 'Acme' }, { times: true }, ['sender']],
    [{ carrier: 'acme' }, { by: 'country,network' }, ['carrier']],
    [{ carrier: 'acme', accounts: 'all' as const }, { by: 'country,network', times: true }, []],
    [{ carrier: 'acme', class: 'otp' as const, accounts: 'all' as const }, { by: 'country,network' }, ['class', 'carrier']],
    [{ country: 'DE' }, { by: 'carrier,status' }, ['country']],
    [{ country: 'DE', accounts: 'all' as const }, { by: 'carrier,status' }, []],
    [{ country: 'DE', accounts: 'all' as const }, { by: 'account,status' }, []],
    [{ carrier: 'acme', accounts: 'all' as const }, { by: 'account,status' }, []],
    [{ country: 'DE', carrier: 'acme', accounts: 'all' as const }, { by: 'account,status' }, ['country', 'carrier']],
  ])('%j with %j: without %j', (search, asked, without) => {
    expect(notKept(search, asked).toSorted()).toEqual(without.toSorted())
  })
})

describe('lists', () => {
  const span = { start: Date.parse('2026-11-22T00:00Z'), end: Date.parse('2026-11-29T12:15Z') }

  test('a list has the filters and the span of the report', () => {
    const search = { country: 'DE', class: 'otp' as const, sender: 'Acme', accounts: 'all' as const }
    expect(queryOf(listOf(search, span, { status: ['failed'] }), NOW)).toEqual({
      created_after: '2026-11-22T00:00:00.000Z', created_before: '2026-11-29T12:15:00.000Z',
      country: 'DE', class: 'otp', sender_shown: 'Acme', account_id: '*', status: ['failed'],
    })
    expect(reportQuery(search, span, 'UTC', { by: 'error' })).toMatchObject({ start: '2026-11-22T00:00:00.000Z', end: '2026-11-29T12:15:00.000Z', country: 'DE', class: 'otp', sender: 'Acme', below: true })
  })

  test('what has no network is a value of its own', () => {
    expect(queryOf(listOf({}, span, { country: 'DE', network: 'none' }), NOW)).toMatchObject({ country: 'DE', network: '' })
    expect(reportQuery({ network: 'none' }, span, 'UTC', {})).toMatchObject({ network: '' })
  })

  test('a question becomes the beginnings of a saved report', () => {
    const query = reportQuery({ country: 'DE', last: '24h' }, span, 'UTC', { by: 'error,status', times: true })
    expect(savedSearch({ country: 'DE', last: '24h' }, query)).toEqual({ make: 'true', by: 'error,status', step: undefined, zone: 'UTC', times: 'true', only: ['country=DE'], last: 24, unit: 'hour' })
  })
})

describe('comparison', () => {
  test.each<[Rate | null, Rate | null, string]>([
    [rate(80, 100), rate(98, 100), 'worse'],
    [rate(98, 100), rate(80, 100), 'better'],
    [rate(97, 100), rate(98, 100), 'same'],
    // Three points of few messages are chance, of many they are not.
    [rate(19, 20), rate(49, 50), 'same'],
    [rate(9_500, 10_000), rate(9_800, 10_000), 'worse'],
    [rate(1, 2), rate(98, 100), 'few'],
    [rate(80, 100), null, 'new'],
    [null, rate(98, 100), 'few'],
  ])('%j after %j is %s', (now, before, verdict) => {
    expect(judge(now, before)).toBe(verdict)
  })

  test('countries and networks by their ended messages; those that lose most come first', () => {
    const rows = [
      row({ country: 'DE', network: '26201', statuses: { delivered: 60, failed: 40, queued: 9 } }),
      row({ country: 'DE', network: '26202', statuses: { delivered: 200 } }),
      row({ country: 'FR', network: null, statuses: { delivered: 300, undelivered: 100 } }),
      row({ country: 'US', network: null, statuses: { queued: 5 } }),
    ]
    const before = [
      row({ country: 'DE', network: '26201', statuses: { delivered: 98, failed: 2 } }),
      row({ country: 'FR', network: null, statuses: { delivered: 99, failed: 1 } }),
    ]
    const found = countriesOf(rows, before)
    expect(found.map(({ all }) => [all.country, all.now?.ended])).toEqual([['FR', 400], ['DE', 300]])
    expect(found[1]?.networks.map(({ network, verdict }) => [network, verdict])).toEqual([['26202', 'new'], ['26201', 'worse']])
    expect(worseOf(found).map(({ country, network }) => [country, network])).toEqual([['FR', null], ['DE', '26201']])
  })
})

describe('groups and money', () => {
  const price = (amount: string, currency = 'EUR') => [{ amount, currency }]
  const rows = [
    row({ error: 'undeliverable', status: 'undelivered', messages: 3, statuses: { undelivered: 3 }, price: price('0.15') }),
    row({ error: 'undeliverable', status: 'unconfirmed', messages: 1, statuses: { unconfirmed: 1 }, price: price('0.05') }),
    row({ error: 'canceled', status: 'canceled', messages: 9, statuses: { canceled: 9 } }),
    row({ error: null, status: 'delivered', messages: 90, statuses: { delivered: 90 }, price: price('4.5') }),
  ]

  test('only the statuses that are asked for count, with their money', () => {
    const found = groupsOf(rows, [row({ error: 'undeliverable', status: 'failed', messages: 7 })], (each) => each.error ?? null, LOST)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ value: 'undeliverable', messages: 4, before: 7 })
    expect(decimal(found[0]?.price.get('EUR') ?? 0)).toBe('0.2')
  })

  test('sums lose no digit', () => {
    const many = Array.from({ length: 1000 }, () => row({ price: price('0.000001') }))
    expect(decimal(moneyOf(many, 'price').get('EUR') ?? 0)).toBe('0.001')
    expect([decimal(0), decimal(1_000_000), decimal(100_000_000), decimal(-1_500_000)]).toEqual(['0', '1', '100', '-1.5'])
  })

  test('a margin is of one currency', () => {
    const eur = (value: number) => new Map([['EUR', value]])
    expect(marginOf(eur(200), eur(50))).toEqual({ currency: 'EUR', price: 200, cost: 50, amount: 150, share: 0.75 })
    expect(marginOf(eur(200), new Map([['USD', 50]]))).toBeNull()
    expect(marginOf(new Map(), eur(50))).toMatchObject({ amount: -50, share: null })
    const groups = [{ value: 'a', margin: marginOf(eur(100), eur(90)) }, { value: 'b', margin: marginOf(eur(100), eur(20)) }, { value: 'c', margin: null }]
    expect(leastMargin(groups)?.value).toBe('a')
  })
})

test('delivery times by step, with those of the same step before; the last is not over', () => {
  const spans = spansOf({ last: '24h' }, NOW, 'UTC')
  const steps = stepsOf(spans)
  const seconds = (p50: number, p95: number) => ({ p50, p90: null, p95, p99: null })
  const first = new Date(steps[0] ?? 0).toISOString()
  const points = pointsOf(
    steps,
    [row({ start: first, statuses: { delivered: 4 }, delivery_seconds: seconds(1.5, 9) })],
    [row({ start: new Date((steps[0] ?? 0) - 86_400_000).toISOString(), delivery_seconds: seconds(1, 8) })],
    spans.later, NOW, next(steps.at(-1) ?? 0, 'hour', 'UTC'),
  )
  expect(points[0]).toEqual({ at: steps[0], delivered: 4, p50: 1500, p95: 9000, before50: 1000, before95: 8000, open: false })
  expect(points.at(-1)?.open).toBe(true)
  expect(points[1]).toMatchObject({ delivered: 0, p50: null })
})

test('where the time of delivered messages went', () => {
  const seconds = (p50: number | null, p95: number | null) => ({ p50, p90: null, p95, p99: null })
  expect(splitOf({ sending_seconds: seconds(1, 2), carrier_seconds: seconds(2, 8) })).toEqual({ here50: 1000, here95: 2000, after50: 2000, after95: 8000 })
  expect(splitOf({ sending_seconds: seconds(1, 2), carrier_seconds: seconds(null, null) })).toBeNull()
  expect(splitOf(undefined)).toBeNull()
})

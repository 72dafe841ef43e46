import { expect, test } from 'vitest'
import { healthOf, type LiveCarrier, sickFirst, slotsOf } from './carrier'

const live = (changes: Partial<LiveCarrier> = {}): LiveCarrier => ({
  id: 'car_1', name: 'acme', type: 'smpp', enabled: true, paused: null, answer_seconds: null, receipt_seconds: null, binds: [], errors: [],
  per_second: { accepted: 0, failed: 0, receipts: 0, refused: 0, throttled: 0 }, queue: null,
  state: { binds: 2, binds_bound: 2, connected: true, in_flight: 0, window: 10 }, ...changes,
})

test('the state of a carrier is the worst that there is to say', () => {
  expect(healthOf(live())).toBe('well')
  expect(healthOf(live({ enabled: false, paused: 'pause' }))).toBe('off')
  expect(healthOf(live({ paused: 'drain' }))).toBe('drain')
  expect(healthOf(live({ state: null }))).toBe('starting')
  expect(healthOf(live({ state: { binds: 2, binds_bound: 0, connected: false, in_flight: 0, window: 10 } }))).toBe('down')
  expect(healthOf(live({ state: { binds: 2, binds_bound: 1, connected: true, in_flight: 0, window: 10 } }))).toBe('partly')
  expect(healthOf(live({ state: { binds: 2, binds_bound: 1, tolerated: 1, connected: true, in_flight: 0, window: 10 } }))).toBe('well')
  expect(healthOf(live({ queue: { breaker: 'open', by_class: {}, more: false, oldest_seconds: null, slowed: false, waiting: 0 } }))).toBe('open')
})

test('the sick ones come first, those that are off last', () => {
  const down = live({ name: 'z', state: { binds: 1, binds_bound: 0, connected: false, in_flight: 0, window: 10 } })
  expect(sickFirst([live({ name: 'off', enabled: false }), live({ name: 'b' }), live({ name: 'a' }), down]).map(({ name }) => name)).toEqual(['z', 'a', 'b', 'off'])
})

test('steps are summed to minutes', () => {
  const series = { id: 'car_1', name: 'acme', accepted: [1, 2, 3, 4], refused: [0, 1, 0, 0], throttled: [0, 0, 1, 0], failed: [0, 0, 0, 1], receipts: [9, 9, 9, 9] }
  const start = '2026-01-01T00:00:00Z'
  expect(slotsOf(series, start, 30)).toEqual([
    { at: Date.parse(start), taken: 3, not: 1 },
    { at: Date.parse(start) + 60_000, taken: 7, not: 2 },
  ])
})

import { expect, test } from 'vitest'
import { cancelable, endedOf, isMoving, type Progress, sharesOf, stateOf, statusesOf, waitsOf } from './batch'

const batch: Progress = {
  id: 'bat_1', account_id: 'acc_1', size: 10, accepted: 8, refused: 2, test: false, created_at: '2026-01-01T00:00:00Z', accepted_at: '2026-01-01T00:00:01Z',
  canceled_at: null, scheduled_at: null, ended_at: null, statuses: { sent: 1, queued: 2, failed: 1, delivered: 4 }, segments: 8, price: '0.08', currency: 'EUR',
}

test('its state is what counts now', () => {
  expect(stateOf(batch)).toBe('accepted')
  expect(stateOf({ ...batch, accepted_at: null })).toBe('accepting')
  expect(stateOf({ ...batch, ended_at: '2026-01-01T00:01:00Z' })).toBe('ended')
  expect(stateOf({ ...batch, ended_at: '2026-01-01T00:01:00Z', canceled_at: '2026-01-01T00:00:30Z' })).toBe('canceled')
})

test('a batch of which nothing was accepted moves no more', () => {
  expect(isMoving(batch)).toBe(true)
  expect(isMoving({ ...batch, accepted: 0, refused: 10, statuses: {} })).toBe(false)
  expect(isMoving({ ...batch, accepted: 0, refused: 10, statuses: {}, accepted_at: null })).toBe(true)
  expect(isMoving({ ...batch, ended_at: '2026-01-01T00:01:00Z' })).toBe(false)
})

test('progress counts what has ended, of all that were not refused', () => {
  expect(endedOf(batch)).toBe(5)
  expect(sharesOf(batch)).toEqual({ arrived: 0.5, lost: 0.125, sent: 0.125 })
  expect(sharesOf({ ...batch, size: 2, refused: 2, statuses: {} })).toEqual({ arrived: 0, lost: 0, sent: 0 })
})

test('its statuses stand in the order of the way, and one that only a newer server knows comes last', () => {
  expect(statusesOf({ ...batch, statuses: { on_hold: 1, ...batch.statuses } })).toEqual([['queued', 2], ['sent', 1], ['delivered', 4], ['failed', 1], ['on_hold', 1]])
  expect(waitsOf(batch)).toEqual([['queued', 2], ['sent', 1]])
})

test('what no carrier has taken can be canceled', () => {
  expect(cancelable(batch)).toBe(2)
  expect(cancelable({ ...batch, statuses: { scheduled: 3, held: 1, sent: 5 } })).toBe(4)
})

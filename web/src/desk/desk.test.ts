import { expect, test } from 'vitest'
import { filterOf, type Job, resultOf } from './desk'
import { limitOf, waitingOf } from './held'
import { endOf } from './until'

const job: Job = {
  id: 'job_1', kind: 'requeue', status: 'running', total: 10, counts: { done: 3, skipped: 2, carrier_refused: 1 }, to: null,
  filter: { status: 'held', carrier: null, country: 'DE', test: false }, made_by: 'key:key_1', created_at: '2026-01-01T00:00:00Z', done_at: null,
}

test('progress counts what happened', () => {
  expect(resultOf(job)).toEqual({ changed: 3, left: 3 })
})

test('the filter of a job is what is set', () => {
  expect(filterOf(job)).toEqual([['status', 'held'], ['country', 'DE'], ['test', 'false']])
})

test('what a pause holds are the waiting messages of its subject', () => {
  expect(waitingOf({ kind: 'bind', value: 'acme/2' })).toEqual({ status: 'queued', carrier: 'acme' })
  expect(waitingOf({ kind: 'sender', value: 'Casino' })).toEqual({ status: 'queued', from: 'Casino' })
})

test('a pause ends after hours, at a moment, or when somebody resumes it', () => {
  const now = Date.parse('2026-11-29T12:00:00Z')
  expect(endOf('', '', now)).toBe(null)
  expect(endOf('4', '', now)).toBe('2026-11-29T16:00:00.000Z')
  expect(endOf('at', '2026-12-01T08:00', now)).toBe(new Date('2026-12-01T08:00').toISOString())
  expect(endOf('at', 'soon', now)).toBe('soon')
})

test('a carrier without a limit takes what it can', () => {
  expect(limitOf({ throughput: 50 })).toBe(50)
  expect(limitOf({ throughput: 0 })).toBe(null)
  expect(limitOf({})).toBe(null)
})

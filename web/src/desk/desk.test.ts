import { expect, test } from 'vitest'
import { filterOf, type Job, resultOf } from './desk'
import { type Chosen, chosenFrom, filtersOf, wantedOf } from './jobFields'
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

test('each value that a job leaves out is named', () => {
  expect(filterOf({ ...job, filter: { carrier_not: ['car_1', 'car_2'], test: true } })).toEqual([['carrier_not', 'car_1'], ['carrier_not', 'car_2'], ['test', 'true']])
})

test('a new job takes the filters of the list, and its own', () => {
  const none: Chosen = { search: {}, own: {} }
  const chosen = chosenFrom({ country_not: ['de', 'AT'], to_not: ['+49 151 12345678'], route: 'default', account: 'acc_1', error_code: 'no_route', status: ['held'] }, none)
  expect(filtersOf(chosen)).toMatchObject({ country_not: ['DE', 'AT'], route: 'default', account: 'acc_1' })
  expect(wantedOf('cancel', chosen, Date.now(), true)).toEqual({
    filter: { account: 'acc_1', route: 'default', test: true, country_not: ['DE', 'AT'], to_not: ['+4915112345678'], error: 'no_route', status_not: ['scheduled', 'queued'] },
    statuses: ['held'],
  })
  expect(filtersOf(chosenFrom({ ...filtersOf(chosen), route: undefined }, chosen))).not.toHaveProperty('route')
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

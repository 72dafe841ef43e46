// A saved report between its form and the API.
import { expect, test } from 'vitest'
import { askedOf, bodyOf, EMPTY, type SavedReport, stateOf, valuesOf } from './report'

const report: SavedReport = {
  id: 'rpt_1', name: 'Week', query: { by: 'country,network', step: 'day', zone: 'Europe/Berlin', times: true, below: false, country: 'DE', network: '', rows: 10000 },
  span: { last: 7, unit: 'day', current: false }, format: 'csv', schedule: { every: 'week', at: '07:30', weekdays: ['monday'], days: [], zone: null },
  recipients: ['team@example.com'], url: null, enabled: true, next_run_at: null, runs_as: 'key:key_1', stopped_at: null, stopped_reason: null, test: false, version: 3,
  created_at: '2026-11-29T12:00:00.000Z',
}

test('what is read is what is sent', () => {
  const values = valuesOf(report)
  expect(values).toMatchObject({ by: ['country', 'network'], only: ['country=DE', 'network='], every: 'week', target: 'mail' })
  expect(bodyOf(values)).toMatchObject({
    name: 'Week',
    query: { by: 'country,network', step: 'day', zone: 'Europe/Berlin', country: 'DE', network: '', sender: null, times: true },
    schedule: { every: 'week', at: '07:30', weekdays: ['monday'], days: [] },
    recipients: ['team@example.com'], url: null,
  })
})

test('what does not belong to the choice is left out', () => {
  const body = bodyOf({ ...EMPTY, every: 'month', days: ['1', '15'], target: 'url', url: ' https://example.com/r ', recipients: ['a@example.com'] })
  expect(body).toMatchObject({ schedule: { days: [1, 15], weekdays: [] }, url: 'https://example.com/r', recipients: [] })
  expect(bodyOf({ ...EMPTY, target: 'nobody', url: 'https://example.com' })).toMatchObject({ schedule: null, url: null, recipients: [] })
})

test.each<[Partial<SavedReport>, string]>([
  [{}, 'scheduled'],
  [{ schedule: null }, 'manual'],
  [{ enabled: false }, 'paused'],
  [{ stopped_at: '2026-11-29T12:00:00.000Z', enabled: false }, 'stopped'],
])('%j is %s', (changes, state) => {
  expect(stateOf({ ...report, ...changes })).toBe(state)
})

test('only what is said of a query is asked', () => {
  expect(askedOf({ by: 'country', step: null, below: false, times: true, network: '' })).toEqual({ by: 'country', times: true, network: '' })
})

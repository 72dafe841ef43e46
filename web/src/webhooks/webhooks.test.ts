// The state of an endpoint, and bodies laid out to be read.
import { describe, expect, it } from 'vitest'
import { dayOf } from './hours'
import { pretty } from './pretty'
import { placeOf, stateOf } from './webhook'

const AT = '2026-11-29T12:00:00Z'

describe('the state of an endpoint', () => {
  it.each([
    [{ enabled: true, paused_at: null, failing_since: null }, 'active'],
    [{ enabled: true, paused_at: null, failing_since: AT }, 'failing'],
    [{ enabled: true, paused_at: AT, failing_since: AT }, 'paused'],
    [{ enabled: false, paused_at: AT, failing_since: AT }, 'off'],
  ] as const)('%j is %s', (webhook, state) => {
    expect(stateOf(webhook)).toBe(state)
  })
})

it('names an endpoint without its scheme', () => {
  expect(placeOf('https://example.com/hooks')).toBe('\u2066example.com/hooks\u2069')
})

it('lays out JSON, and leaves all else', () => {
  expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}')
  expect(pretty('<h1>Bad gateway</h1>')).toBe('<h1>Bad gateway</h1>')
})

it('shows every hour of a day, also those without a delivery', () => {
  const busy = { start: '2026-11-29T10:00:00Z', delivered: 3, failed: 1 }
  const day = dayOf({ hours: [busy], as_of: '2026-11-29T12:30:00Z' })
  expect(day).toHaveLength(24)
  expect(day[21]).toEqual(busy)
  expect(day[23]).toEqual({ start: '2026-11-29T12:00:00.000Z', delivered: 0, failed: 0 })
})

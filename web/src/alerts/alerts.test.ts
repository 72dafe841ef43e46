import { expect, test } from 'vitest'
import { formatIn } from '../parts/format'
import type { Alert } from './alert'
import { figureOf, firstFirst } from './order'
import { withDuration, wordsOfRule } from './words'

const alert = (id: string, severity: Alert['severity'], started_at: string, acknowledged_at: string | null = null): Alert => ({
  id, severity, started_at, acknowledged_at, acknowledged_by: null, action: '', resolved_at: null, rule: 'carrier_down',
  status: 'firing', subject: 'acme', subject_kind: 'carrier', summary: '', value: '0',
})

test('what nobody sees to comes first, then what is critical, then the oldest', () => {
  const given = [
    alert('seen', 'critical', '2026-01-01T00:00:00Z', '2026-01-01T00:05:00Z'),
    alert('warning', 'warning', '2026-01-01T00:00:00Z'),
    alert('later', 'critical', '2026-01-02T00:00:00Z'),
    alert('earlier', 'critical', '2026-01-01T00:00:00Z'),
  ]
  expect(firstFirst(given).map((each) => each.id)).toEqual(['earlier', 'later', 'warning', 'seen'])
})

test('figures are written in their unit', () => {
  const format = formatIn('en', 'UTC')
  expect(figureOf(0.5, 'share', format)).toBe('50%')
  expect(figureOf(100, 'percent', format)).toBe('100%')
  expect(figureOf(300, 'seconds', format)).toBe('5 min')
  expect(figureOf(20, 'receipts', format)).toBe('20')
})

test('the words of a rule are found again in what an alert says', () => {
  expect(wordsOfRule({ summary: 'A message has been waiting 394 s for carrier sim-394.', subject: 'sim-394', value: '394' })).toBe('A message has been waiting {value} s for carrier {subject}.')
  expect(wordsOfRule({ summary: 'Carrier acme has no bind.', subject: 'acme', value: '0' })).toBe('Carrier {subject} has no bind.')
  expect(wordsOfRule({ summary: 'Carrier acme refused 43 % of its segments.', subject: 'acme', value: '43 %' })).toBe('Carrier {subject} refused {value} of its segments.')
})

test('seconds in what an alert says are a duration', () => {
  const format = formatIn('en', 'UTC')
  expect(withDuration({ summary: 'A message has been waiting 398 s for carrier sim-398.', subject: 'sim-398', value: '398' }, format)).toBe('A message has been waiting 6.6 min for carrier sim-398.')
  expect(withDuration({ summary: 'The counters are 90 seconds behind.', subject: 'counters', value: '90' }, format)).toBe('The counters are 1.5 min behind.')
  expect(withDuration({ summary: 'Carrier acme refused 43 % of its segments.', subject: 'acme', value: '43 %' }, format)).toBe('Carrier acme refused 43 % of its segments.')
})

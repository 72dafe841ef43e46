import { expect, test } from 'vitest'
import { formatIn } from '../parts/format'
import type { Alert } from './alert'
import { figureOf, firstFirst } from './order'

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

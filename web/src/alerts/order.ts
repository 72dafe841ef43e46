// In which order alerts are shown, and how a rule's figure is written.
import type { Format } from '../parts/format'
import type { Alert } from './alert'

/** What nobody has acknowledged, then what is critical, then the oldest. */
export function firstFirst(alerts: readonly Alert[]): Alert[] {
  const rank = (alert: Alert): number => (alert.acknowledged_at === null ? 0 : 2) + (alert.severity === 'critical' ? 0 : 1)
  return alerts.toSorted((a, b) => rank(a) - rank(b) || a.started_at.localeCompare(b.started_at))
}

/** A threshold in its unit: shares as per cent, seconds as a duration, all else with its own word. */
export function figureOf(value: number, unit: string, format: Format): string {
  if (unit === 'share') return format.percent(value)
  if (unit === 'percent') return format.percent(value / 100)
  if (unit === 'seconds') return format.duration(value * 1000)
  return format.number(value)
}

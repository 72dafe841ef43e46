// How the value of a setting is written, and in which order the checks stand.
import type { components } from '../api/schema'

export type Check = components['schemas']['CheckResult']

const URGENCY: Record<Check['level'], number> = { error: 0, warning: 1, ok: 2, skipped: 3 }

/** What needs somebody comes first; within a level the server's order stays. */
export const byUrgency = (checks: readonly Check[]): Check[] => checks.toSorted((one, other) => URGENCY[one.level] - URGENCY[other.level])

/** How many checks have each level. */
export function countLevels(checks: readonly Check[]): Record<Check['level'], number> {
  const counts = { error: 0, warning: 0, ok: 0, skipped: 0 }
  for (const check of checks) counts[check.level] += 1
  return counts
}

/** A value as text: lists by commas, tables as JSON. null for what is not set. */
export function settingText(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.length === 0 ? null : value.map((each) => settingText(each) ?? '').join(', ')
  return JSON.stringify(value)
}

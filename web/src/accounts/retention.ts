// For how long an account's data is kept: the kinds of data, and what a change would delete.
import type { components } from '../api/schema'

export type Retention = components['schemas']['Retention']

export const KINDS = ['bodies', 'messages', 'inbound', 'events', 'deliveries', 'receipts', 'refusals', 'audit'] as const
export type Kind = (typeof KINDS)[number]
/** An empty field is the operator's time, which the API calls null. */
export type Days = Record<Kind, number | ''>

export const daysOf = (kept: Retention): Days => Object.fromEntries(KINDS.map((kind) => [kind, kept[kind] ?? ''])) as Days

/** What is sent: the kinds that were changed. */
export function changeOf(before: Days, after: Days): Partial<Record<Kind, number | null>> {
  const changed = KINDS.filter((kind) => before[kind] !== after[kind])
  return Object.fromEntries(changed.map((kind) => [kind, after[kind] === '' ? null : after[kind]]))
}

/** The kinds that would be kept for a shorter time, or whose time the operator would choose: their older data may be deleted. */
export function shortened(kept: Retention, after: Days): Kind[] {
  return (Object.keys(changeOf(daysOf(kept), after)) as Kind[]).filter((kind) => {
    const days = after[kind]
    if (days === '') return true
    if (days === 0) return false
    return kept.in_force[kind] === 0 || days < kept.in_force[kind]
  })
}

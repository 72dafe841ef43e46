// What changing a waiting message computes: what the form begins with, what is sent, and what somebody else changed
// meanwhile.
//
// Rules kept here:
// - only what was changed is sent. What is emptied is sent as null: its default, or at once instead of a time;
// - what somebody else changed comes into the form, but for what was changed here, too: that stays, and is told.
import type { components } from '../api/schema'
import { CLASSES } from './shape'
import type { Message } from './message'

type Patch = components['schemas']['ChangeRequest']

export type Values = {
  text: string
  from: string
  scheduled_at: string
  class: (typeof CLASSES)[number]
  priority: string
  reference: string
  /** Separated by commas. */
  tags: string
  flash: boolean
  transliterate: boolean
}
export type Field = keyof Values
export const PRIORITIES = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const

/** Whether it waits in a way that lets it be changed: no carrier can have it, as far as its status tells. */
export const isChangeable = ({ direction, status, held_for }: Pick<Message, 'direction' | 'status' | 'held_for'>): boolean =>
  direction === 'outbound' && (status === 'scheduled' || status === 'queued' || (status === 'held' && held_for !== 'outcome_unknown'))

/** Whether it has a time at which it is sent. What a rule deferred has none of its own. */
export const isTimed = ({ status, scheduled_at }: Pick<Message, 'status' | 'scheduled_at'>): boolean => status === 'scheduled' && scheduled_at !== null

export const valuesOf = (message: Message): Values => ({
  text: message.text ?? '',
  from: message.from,
  scheduled_at: isTimed(message) ? localOf(message.scheduled_at ?? '') : '',
  class: message.class,
  priority: String(message.priority),
  reference: message.reference ?? '',
  tags: message.tags.join(', '),
  flash: message.flash,
  transliterate: false,
})

/** The fields that differ. */
export const changedIn = (before: Values, after: Values): Field[] => (Object.keys(after) as Field[]).filter((field) => before[field] !== after[field])

/** What is sent. */
export function patchOf(before: Values, after: Values): Patch {
  const sent: Record<Field, unknown> = {
    text: after.text,
    from: after.from.trim(),
    scheduled_at: instantOf(after.scheduled_at),
    class: after.class,
    priority: Number(after.priority),
    reference: after.reference.trim() === '' ? null : after.reference.trim(),
    tags: after.tags.split(',').map((tag) => tag.trim()).filter((tag) => tag !== ''),
    flash: after.flash,
    transliterate: after.transliterate,
  }
  return Object.fromEntries(changedIn(before, after).map((field) => [field, sent[field]]))
}

export type Met = { values: Values; taken: Field[]; clashing: Field[] }

/** The form after somebody else changed the message: `taken` came in, `clashing` were changed by both. */
export function met(before: Values, theirs: Values, mine: Values): Met {
  const own = new Set(changedIn(before, mine))
  const others = changedIn(before, theirs)
  const clashing = others.filter((field) => own.has(field) && theirs[field] !== mine[field])
  const taken = others.filter((field) => !own.has(field))
  const values = { ...mine, ...Object.fromEntries(taken.map((field) => [field, theirs[field]])) }
  return { values, taken, clashing }
}

/** A time as `datetime-local` has it, in the zone of the browser. */
export function localOf(instant: string): string {
  const at = new Date(instant)
  return Number.isNaN(at.getTime()) ? '' : new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** The time as the API takes it; null if the message is to be sent at once. What is no time goes to the API, which says so. */
function instantOf(local: string): string | null {
  if (local === '') return null
  const at = new Date(local)
  return Number.isNaN(at.getTime()) ? local : at.toISOString()
}

// The history of a message as a waterfall: where its time went.
import type { components } from '../api/schema'
import type { Message, Status } from './message'

export type History = components['schemas']['History']
export type Entry = components['schemas']['HistoryEntry']
type Of<T extends Entry['type']> = Extract<Entry, { type: T }>

/** Statuses that can still change by what happens next. */
const OPEN: readonly Status[] = ['scheduled', 'queued', 'held', 'sent']
export const isOpen = (status: Status): boolean => OPEN.includes(status)
/** Statuses in which a message can be canceled. */
export const CANCELABLE: readonly Status[] = ['scheduled', 'queued', 'held']

export const PHASES = ['waiting', 'carrier', 'handset', 'webhook'] as const
export type Phase = { name: (typeof PHASES)[number]; milliseconds: number; going: boolean }

const of = <T extends Entry['type']>(entries: readonly Entry[], ...types: T[]): Of<T>[] =>
  // The discriminator was compared, which the type of a filter's result does not follow.
  entries.filter((entry) => types.includes(entry.type as T)) as Of<T>[]

/** Where the time of an outgoing message went. A phase that goes on ends at `now`. */
export function phasesOf(message: Message, entries: readonly Entry[], now: number): Phase[] {
  if (message.direction === 'inbound') return []
  const attempts = of(entries, 'attempt')
  const [first] = attempts
  const open = isOpen(message.status)
  const start = Date.parse(message.created_at)
  const ended = time(message.delivered_at ?? message.undelivered_at ?? message.unconfirmed_at ?? message.failed_at ?? message.expired_at ?? message.canceled_at)
  const sent = time(message.sent_at)
  const submitted = first === undefined ? null : Date.parse(first.submitted_at)
  const phases: (Phase | null)[] = [
    span('waiting', start, submitted ?? ended, now, open),
    submitted === null ? null : span('carrier', submitted, sent ?? ended, now, open),
    sent === null ? null : span('handset', sent, ended, now, open),
    told(entries, ended ?? sent, now),
  ]
  return phases.filter((phase) => phase !== null)
}

/** How long our webhooks took after the last change; until now, while one is tried again. */
function told(entries: readonly Entry[], from: number | null, now: number): Phase | null {
  const last = of(entries, 'delivery').at(-1)
  if (last === undefined || from === null) return null
  const going = last.status === 'pending'
  return { name: 'webhook', milliseconds: Math.max(0, (going ? now : Date.parse(last.at)) - from), going }
}

const time = (at: string | null): number | null => (at === null ? null : Date.parse(at))

function span(name: Phase['name'], from: number, to: number | null, now: number, open: boolean): Phase | null {
  if (to === null && !open) return null
  return { name, milliseconds: Math.max(0, (to ?? now) - from), going: to === null }
}

/** The shares of a bar: each phase can be seen, and the rest is by time. */
export function sharesOf(phases: readonly Phase[]): number[] {
  const least = 0.06
  const total = phases.reduce((sum, phase) => sum + phase.milliseconds, 0)
  const free = 1 - least * phases.length
  return phases.map((phase) => least + (total === 0 ? free / phases.length : (free * phase.milliseconds) / total))
}

/** Whether the history will go on without an event of the message: a webhook that is tried again. */
export const isPending = (entries: readonly Entry[]): boolean => of(entries, 'delivery').some((delivery) => delivery.status === 'pending')

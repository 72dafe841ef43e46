// What a batch says of itself: its state, what its messages do now, and which of them can still be canceled.
//
// Rules kept here:
// - progress counts what happened to messages, not what was read of the request: a batch is full once all have ended;
// - what was refused has no message, so it is no part of the progress.
import type { components } from '../api/schema'
import type { Status } from '../messages/message'
import { STATUSES } from '../messages/shape'
import type { STATES } from './search'

export type Batch = components['schemas']['Batch']
export type Progress = components['schemas']['BatchProgress']
export type State = (typeof STATES)[number] | 'ended'

export const BATCHES = '/v1/batches'

/** No carrier has taken these: the API cancels them. */
const CANCELABLE = ['scheduled', 'queued', 'held'] as const satisfies readonly Status[]
const OPEN = [...CANCELABLE, 'sent'] as const satisfies readonly Status[]
/** The groups of the bar, in its order. */
export const GROUPS = ['arrived', 'lost', 'sent'] as const
const GROUP: Partial<Record<Status, (typeof GROUPS)[number]>> = {
  delivered: 'arrived', sent: 'sent', undelivered: 'lost', unconfirmed: 'lost', failed: 'lost', expired: 'lost', canceled: 'lost',
}

export function stateOf(batch: Batch | Progress): State {
  if (batch.canceled_at !== null) return 'canceled'
  if (batch.accepted_at === null) return 'accepting'
  return 'ended_at' in batch && batch.ended_at !== null ? 'ended' : 'accepted'
}

/** Whether its numbers may still change. */
export const isMoving = (batch: Progress): boolean => batch.accepted_at === null || (batch.accepted > 0 && batch.ended_at === null)

const sum = (batch: Progress, statuses: readonly Status[]): number => statuses.reduce((total, status) => total + (batch.statuses[status] ?? 0), 0)

/** How many of its messages the API would cancel now. */
export const cancelable = (batch: Progress): number => sum(batch, CANCELABLE)

/** The statuses that its messages have, with their numbers, in the order of a message's way. One that only a newer server knows comes last. */
export function statusesOf(batch: Progress): [status: string, count: number][] {
  const others = Object.keys(batch.statuses).filter((status) => !STATUSES.some((known) => known === status))
  return [...STATUSES, ...others].map((status): [string, number] => [status, batch.statuses[status] ?? 0]).filter(([, count]) => count > 0)
}

/** What its messages wait for now, with their numbers. */
export const waitsOf = (batch: Progress): [status: (typeof OPEN)[number], count: number][] =>
  OPEN.map((status): [(typeof OPEN)[number], number] => [status, batch.statuses[status] ?? 0]).filter(([, count]) => count > 0)

/** The parts of the bar, from 0 to 1, of all messages that are or will be. */
export function sharesOf(batch: Progress): Record<(typeof GROUPS)[number], number> {
  const all = Math.max(1, batch.size - batch.refused)
  const found = { arrived: 0, lost: 0, sent: 0 }
  for (const [status, count] of Object.entries(batch.statuses)) {
    const group = GROUP[status as Status]
    if (group !== undefined) found[group] += count / all
  }
  return found
}

/** How many of its messages have ended. */
export const endedOf = (batch: Progress): number => Object.values(batch.statuses).reduce((total, count) => total + count, 0) - sum(batch, OPEN)

// The paths of handsets, and the order of their messages and of deliveries.
import type { components } from '../api/schema'

export type HandsetMessage = components['schemas']['HandsetMessage']

export const HANDSETS = '/v1/sandbox/handsets'
export const MESSAGES = '/v1/sandbox/handsets/{number}/messages'

/** As a phone shows them: the latest last. One that moved while pages were read is in two of them, and shown once. */
export const inOrder = <M extends { at: string; sequence: number }>(messages: readonly M[]): M[] =>
  [...new Map(messages.toReversed().map((message) => [message.sequence, message])).values()].toSorted((a, b) => a.at.localeCompare(b.at) || a.sequence - b.sequence)

/** The newest deliveries of several endpoints, the newest first. */
export const newest = <R extends { delivery: { created_at: string; id: string } }>(rows: readonly R[], most: number): R[] =>
  rows.toSorted(({ delivery: a }, { delivery: b }) => b.created_at.localeCompare(a.created_at) || b.id.localeCompare(a.id)).slice(0, most)

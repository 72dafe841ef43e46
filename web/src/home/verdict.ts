// Is everything all right now? One verdict from the figures of the page.
//
// Rules kept here:
// - the worst comes first: an alert, failures beyond what is usual, webhooks that fail, then what waits for a person;
// - few messages say nothing: below `FEW` in an hour no rate is judged.
import type { Counts } from '../messages/Views'
import { FAILED } from '../messages/shape'

export const FEW = 10
/** So many times the usual share of failures, and at least this share, is too much. */
const TIMES = 2
const LEAST = 0.05

export type Verdict = 'alerts' | 'failing' | 'many' | 'webhooks' | 'held' | 'quiet' | 'well' | 'unknown'

export type Figures = {
  /** Firing alerts; undefined while they are not known, or for who may not read them. */
  alerts: number | undefined
  hour: Counts | undefined
  held: number | undefined
  /** Webhooks that do not take events; undefined while they are not known, or for who may not read them. */
  webhooks: number | undefined
  /** The usual share of failures, of the week before. null if there were none to judge by. */
  usual: number | null
}

export const failedOf = (counts: Counts | undefined): number => FAILED.reduce((sum, status) => sum + (counts?.counts[status] ?? 0), 0)

export function verdictOf({ alerts, hour, held, webhooks, usual }: Figures): Verdict {
  if ((alerts ?? 0) > 0) return 'alerts'
  if (hour === undefined) return 'unknown'
  const share = hour.total === 0 ? 0 : failedOf(hour) / hour.total
  if (hour.total >= FEW && share >= LEAST && share > TIMES * (usual ?? 0)) return usual === null ? 'many' : 'failing'
  if ((webhooks ?? 0) > 0) return 'webhooks'
  if ((held ?? 0) > 0) return 'held'
  return hour.total === 0 ? 'quiet' : 'well'
}

/** The share of ended messages that were delivered. null if none has ended. */
export function deliveryRate(statuses: Readonly<Record<string, number>>): { delivered: number; ended: number; rate: number } | null {
  const of = (...names: string[]): number => names.reduce((sum, name) => sum + (statuses[name] ?? 0), 0)
  const delivered = of('delivered')
  const ended = delivered + of('undelivered', 'unconfirmed', ...FAILED.filter((status) => status !== 'undelivered'))
  return ended === 0 ? null : { delivered, ended, rate: delivered / ended }
}

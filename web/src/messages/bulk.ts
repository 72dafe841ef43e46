// Actions on many messages: what of the filters a job can take, and what becomes of messages that are taken one by one.
//
// Rules kept here:
// - a job changes exactly what the filters say, or is not offered: a filter that jobs do not know is named, and so is
//   one for what has no country, network or error, because no condition of a job may be empty;
// - what a job changes has no sender yet that a carrier was given, so `from` is the sender that its recipient will see;
// - jobs are of the whole platform: the account and the mode are always in their filter;
// - a number that is typed to confirm may have the separators of any language.
import { isRefusal } from '../api/problem'
import type { components } from '../api/schema'
import { queryOf } from './search'
import { type MessagesSearch, NEGATED, NONE } from './shape'

export type JobFilter = components['schemas']['BulkFilterBody']
export type Kind = components['schemas']['Job']['kind']
export const KINDS = ['cancel', 'requeue', 'reroute'] as const satisfies readonly Kind[]

/** The statuses of messages that each kind of job may change. */
export const CHANGES = {
  cancel: ['scheduled', 'queued', 'held'],
  requeue: ['queued', 'held'],
  reroute: ['queued', 'held'],
} as const satisfies Record<Kind, readonly NonNullable<JobFilter['status']>[]>

export type Waiting = (typeof CHANGES)[Kind][number]

export type Wanted = {
  filter: JobFilter
  /** The statuses that are meant. */
  statuses: Waiting[]
  /** The names of filters of the list that jobs do not know. */
  unknown: string[]
}

/** The filters of the list that a job takes, or that make no difference to it. Each new one is refused until it is here. */
export const TAKEN: ReadonlySet<string> = new Set([
  'status', 'class', 'direction', 'to', 'country', 'network', 'carrier', 'from', 'tag', 'batch_id', 'error_code', 'held_for', 'duplicates', 'last', 'created_after', 'created_before', 'order',
  ...NEGATED.map((name) => `${name}_not`),
])

const isWhole = (number: string): boolean => /^\+[1-9]\d{6,14}$/.test(number)

/** The filters that can be for messages without a value, or leave those out. */
const WITHOUT: ReadonlySet<string> = new Set(['country', 'network', 'error_code'].flatMap((name) => [name, `${name}_not`]))

const isEmpty = (name: string, value: string | readonly string[]): boolean => WITHOUT.has(name) && [value].flat().includes(NONE)

/** What a job of this kind is asked for, so that it means the same messages as the list; without an account those of all. */
export function jobFilterOf(kind: Kind, search: MessagesSearch, now: number, account: string | undefined, test: boolean): Wanted {
  const { status, class: class_, direction, country, network, carrier, number, sender_shown, tag, batch_id, error_code, held_for } = search
  const { class_not, country_not, network_not, carrier_not, to_not, tag_not, batch_id_not, held_for_not } = search
  const to = search.to ?? number
  const from = search.from ?? sender_shown
  const senders = new Set([...(search.from_not ?? []), ...(search.sender_shown_not ?? [])])
  const from_not = senders.size === 0 ? undefined : [...senders]
  const isSaid = (name: string, value: string | readonly string[]): boolean =>
    name === 'number' ? isWhole(String(value)) && to === value : name === 'sender_shown' ? from === value : TAKEN.has(name) && !isEmpty(name, value)
  const { created_after, created_before, duplicates } = queryOf(search, now)
  const isMeant = (each: Waiting): boolean => (status === undefined || status.includes(each)) && search.status_not?.includes(each) !== true
  const others = CHANGES[kind].filter((each) => !isMeant(each))
  const given = {
    account, test, class: class_, country, network, carrier, to, from, tag, batch_id, error: error_code, held_for, duplicates, created_after, created_before,
    class_not, country_not, network_not, carrier_not, to_not, from_not, tag_not, batch_id_not, held_for_not, error_not: search.error_code_not,
    status_not: others.length === 0 ? undefined : others,
  }
  return {
    filter: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    statuses: direction === 'inbound' || search.direction_not?.includes('outbound') === true ? [] : CHANGES[kind].filter(isMeant),
    unknown: Object.entries(search).flatMap(([name, value]) => (value === undefined || isSaid(name, value) ? [] : [name])),
  }
}

/** How many messages are meant. */
export const numberOf = (counts: Record<string, number>, statuses: readonly Waiting[]): number =>
  statuses.reduce((sum, status) => sum + (counts[status] ?? 0), 0)

/** Whether what was typed is this number. */
export const isNumber = (typed: string, number: number): boolean => typed.replace(/[\s.,'’٬]/g, '') === String(number)

/** How often there is each reason, the commonest first. */
export function byReason(skipped: readonly { reason: string }[]): [reason: string, count: number][] {
  const counts = new Map<string, number>()
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].toSorted(([, one], [, other]) => other - one)
}

export type Outcome = { done: string[]; skipped: { id: string; reason: string }[] }

/** Do something with one message after the other. What is refused is skipped, with the code of its refusal; what is
 * not reached is neither done nor skipped. */
export async function eachOf(ids: readonly string[], act: (id: string) => Promise<unknown>, told: (outcome: Outcome) => void, signal: AbortSignal): Promise<Outcome> {
  let outcome: Outcome = { done: [], skipped: [] }
  for (const id of ids) {
    if (signal.aborted) break
    try {
      await act(id)
      outcome = { ...outcome, done: [...outcome.done, id] }
    } catch (error) {
      if (!isRefusal(error)) throw error
      outcome = { ...outcome, skipped: [...outcome.skipped, { id, reason: error.code }] }
    }
    told(outcome)
  }
  return outcome
}

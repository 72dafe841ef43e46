// What is computed from reports: rates and their comparison, sums of money, and what the answers in words say.
//
// Rules kept here:
// - a rate is of messages that have ended. Few messages say nothing: below `FEW` none is judged;
// - worse than before is what is clearly so: by two points at least, and more than chance explains;
// - money is added in millionths of its currency, so that no digit is lost.
import type { components } from '../api/schema'
import type { Status } from '../messages/message'
import { deliveryRate } from '../home/verdict'

export type Row = components['schemas']['MessageReportRow']

/** The statuses of messages that did not arrive, or perhaps did not. */
export const LOST = ['undelivered', 'unconfirmed', 'failed', 'expired'] as const satisfies readonly Status[]
export const ENDED = ['delivered', ...LOST] as const satisfies readonly Status[]
/** The statuses of messages that a carrier may have: the statistics know a message's carrier and error from then on. */
export const PAST_WAITING = ['sent', ...ENDED, 'canceled', 'received'] as const satisfies readonly Status[]
/** The statuses of messages that were sent from here, or are to be. */
export const OUTGOING = ['scheduled', 'queued', 'held', 'sent', ...ENDED, 'canceled'] as const satisfies readonly Status[]

export const FEW = 20
const POINTS = 0.02
const DEVIATIONS = 2

export type Rate = { delivered: number; ended: number; rate: number }
export type Verdict = 'worse' | 'better' | 'same' | 'few' | 'new'

/** How a rate compares with that of the period before. */
export function judge(now: Rate | null, before: Rate | null): Verdict {
  if (now === null || now.ended < FEW) return 'few'
  if (before === null || before.ended < FEW) return 'new'
  const change = now.rate - before.rate
  const all = (now.delivered + before.delivered) / (now.ended + before.ended)
  const deviation = Math.sqrt(all * (1 - all) * (1 / now.ended + 1 / before.ended))
  if (Math.abs(change) < POINTS || Math.abs(change) < DEVIATIONS * deviation) return 'same'
  return change < 0 ? 'worse' : 'better'
}

/** `network` is null for messages without one, and absent for all of the country. */
export type Place = { country: string | null; network?: string | null; now: Rate | null; before: Rate | null; verdict: Verdict }
export type Country = { all: Place; networks: Place[] }

const add = (sums: Record<string, number>, more: Readonly<Record<string, number>>): void => {
  for (const [status, count] of Object.entries(more)) sums[status] = (sums[status] ?? 0) + count
}

type Statuses = Record<string, number>

function byPlace(rows: readonly Row[]): Map<string | null, Map<string | null, Statuses>> {
  const found = new Map<string | null, Map<string | null, Statuses>>()
  for (const row of rows) {
    const country = row.country ?? null
    const networks = found.get(country) ?? new Map<string | null, Statuses>()
    networks.set(row.network ?? null, row.statuses)
    found.set(country, networks)
  }
  return found
}

const summed = (networks: ReadonlyMap<string | null, Statuses> | undefined): Statuses => {
  const sums: Statuses = {}
  for (const statuses of networks?.values() ?? []) add(sums, statuses)
  return sums
}

const most = (a: Place, b: Place): number => (b.now?.ended ?? 0) - (a.now?.ended ?? 0)

/** The countries with their networks, those with the most ended messages first. */
export function countriesOf(rows: readonly Row[], before: readonly Row[]): Country[] {
  const past = byPlace(before)
  const place = (country: string | null, network: string | null | undefined, statuses: Statuses, earlier: Statuses): Place => {
    const now = deliveryRate(statuses)
    const then = deliveryRate(earlier)
    return { country, network, now, before: then, verdict: judge(now, then) }
  }
  return [...byPlace(rows)]
    .map(([country, networks]) => ({
      all: place(country, undefined, summed(networks), summed(past.get(country))),
      networks: [...networks]
        .map(([network, statuses]) => place(country, network, statuses, past.get(country)?.get(network) ?? {}))
        .filter(({ now }) => now !== null)
        .toSorted(most),
    }))
    .filter(({ all }) => all.now !== null)
    .toSorted((a, b) => most(a.all, b.all))
}

/** The places that are worse than before, those that lose the most messages by it first. A country stands for itself
 * if none of its networks does. */
export function worseOf(countries: readonly Country[]): Place[] {
  const loss = ({ now, before }: Place): number => (now === null || before === null ? 0 : (before.rate - now.rate) * now.ended)
  return countries
    .flatMap(({ all, networks }) => {
      const worse = networks.filter(({ verdict }) => verdict === 'worse')
      return worse.length === 0 && all.verdict === 'worse' ? [all] : worse
    })
    .toSorted((a, b) => loss(b) - loss(a))
}

/** The sums of rows by the value of a dimension, the largest first; `before` those of the period before. */
export type Group = { value: string | null; messages: number; statuses: Statuses; price: Amounts; cost: Amounts; before: number }
export type Amounts = ReadonlyMap<string, number>

/** Rows by the value of a dimension. Only these statuses count; each row is of one. */
export function groupsOf(rows: readonly Row[], before: readonly Row[], valueOf: (row: Row) => string | null, statuses: readonly string[]): Group[] {
  const counts = (row: Row): boolean => typeof row.status === 'string' && statuses.includes(row.status)
  const past = new Map<string | null, number>()
  for (const row of before.filter(counts)) past.set(valueOf(row), (past.get(valueOf(row)) ?? 0) + row.messages)
  const found = new Map<string | null, Row[]>()
  for (const row of rows.filter(counts)) found.set(valueOf(row), [...(found.get(valueOf(row)) ?? []), row])
  return [...found]
    .map(([value, group]) => ({
      value,
      messages: messagesOf(group),
      statuses: group.reduce<Statuses>((sums, row) => (add(sums, row.statuses), sums), {}),
      price: moneyOf(group, 'price'),
      cost: moneyOf(group, 'cost'),
      before: past.get(value) ?? 0,
    }))
    .filter(({ messages }) => messages > 0)
    .toSorted((a, b) => b.messages - a.messages)
}

export const messagesOf = (rows: readonly { messages: number }[]): number => rows.reduce((sum, { messages }) => sum + messages, 0)

const MILLION = 1_000_000

/** The money of rows in millionths, by currency. */
export function moneyOf(rows: readonly Row[], what: 'price' | 'cost'): Map<string, number> {
  const sums = new Map<string, number>()
  for (const row of rows) {
    for (const { amount, currency } of row[what] ?? []) sums.set(currency, (sums.get(currency) ?? 0) + Math.round(Number(amount) * MILLION))
  }
  return sums
}

/** Millionths as the decimal text that `format.money` takes. */
export const decimal = (millionths: number): string => (millionths / MILLION).toFixed(6).replace(/\.?0+$/, '')

export type Margin = { currency: string; price: number; cost: number; amount: number; /** Of the price; null without one. */ share: number | null }

/** What is left of the price after the cost. null if they are in several currencies, which do not subtract. */
export function marginOf(price: Amounts, cost: Amounts): Margin | null {
  const [currency, ...others] = new Set([...price.keys(), ...cost.keys()])
  if (currency === undefined || others.length > 0) return null
  const paid = price.get(currency) ?? 0
  const taken = cost.get(currency) ?? 0
  return { currency, price: paid, cost: taken, amount: paid - taken, share: paid === 0 ? null : (paid - taken) / paid }
}

/** All amounts of several groups. */
export function together(amounts: readonly Amounts[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const each of amounts) for (const [currency, value] of each) sums.set(currency, (sums.get(currency) ?? 0) + value)
  return sums
}

/** The group that keeps the least of its price. */
export function leastMargin<G extends { margin: Margin | null }>(groups: readonly G[]): (G & { margin: Margin }) | null {
  const judged = groups.filter((group): group is G & { margin: Margin } => group.margin !== null && group.margin.share !== null)
  return judged.toSorted((a, b) => (a.margin.share ?? 0) - (b.margin.share ?? 0))[0] ?? null
}

export type Point = { at: number; delivered: number; p50: number | null; p95: number | null; before50: number | null; before95: number | null; open: boolean }

/** The delivery times of each step in milliseconds, with those of the same step before. `open`: it is not over. */
export function pointsOf(steps: readonly number[], rows: readonly Row[], before: readonly Row[], later: (at: number) => number, now: number, over: number): Point[] {
  const at = new Map(rows.map((row) => [Date.parse(row.start), row]))
  const past = new Map(before.map((row) => [later(Date.parse(row.start)), row]))
  const time = (row: Row | undefined, name: 'p50' | 'p95'): number | null => {
    const found = row?.delivery_seconds?.[name]
    return found === null || found === undefined ? null : found * 1000
  }
  return steps.map((step, place) => {
    const row = at.get(step)
    const then = past.get(step)
    const end = steps[place + 1] ?? over
    return {
      at: step, delivered: row?.statuses.delivered ?? 0, p50: time(row, 'p50'), p95: time(row, 'p95'), before50: time(then, 'p50'), before95: time(then, 'p95'),
      open: place === steps.length - 1 && end > now,
    }
  })
}

export type Split = { here50: number; here95: number; after50: number; after95: number }

/** How long messages waited here until a carrier took them, and how long they took from there, in milliseconds. null
 * if one of the two is unknown. */
export function splitOf(row: Pick<Row, 'sending_seconds' | 'carrier_seconds'> | undefined): Split | null {
  const { sending_seconds: here, carrier_seconds: after } = row ?? {}
  if (here?.p50 == null || here.p95 == null || after?.p50 == null || after.p95 == null) return null
  return { here50: here.p50 * 1000, here95: here.p95 * 1000, after50: after.p50 * 1000, after95: after.p95 * 1000 }
}

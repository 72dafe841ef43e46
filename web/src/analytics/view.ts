// What analytics shows: its filters in the URL, the span and the one before it, and the lists behind its numbers.
//
// Rules kept here:
// - the statistics keep certain combinations of dimensions (`docs/reference/reports.md`). A chart that cannot be
//   filtered by what is chosen says so; it never leaves a filter out in silence;
// - the period before has the same length and the same days of the week;
// - a number leads to the list with the same filters and span, so that both count the same messages.
import { EVERY, type MessagesSearch, NONE } from '../messages/shape'
import type { AnalyticsSearch } from './search'
import { DAY, daysLater, floorTo, next, type Step } from './zones'

/** The search parameters after a change in the bar: a span that ends now and one with a beginning exclude each other. */
export function chosen(to: AnalyticsSearch, before: AnalyticsSearch): AnalyticsSearch {
  const { last, start, end, country, ...others } = to
  const named = country === undefined ? {} : { country: country === NONE ? country : country.toUpperCase() }
  const spanned = start !== undefined || end !== undefined
  const span = last !== undefined && (!spanned || last !== before.last) ? { last } : { start, end }
  return { ...others, ...named, ...span }
}

/** The filters that a report knows. */
export const FILTERS = ['country', 'network', 'sender', 'carrier', 'class'] as const
export type Filter = (typeof FILTERS)[number]

export type Period = { start: number; end: number }
export type Spans = Period & {
  step: Step
  zone: string
  before: Period
  /** The same moment in this period of one in the period before. */
  later: (at: number) => number
}

const QUARTER = 900_000
const HOUR = 3_600_000
const DAYS = { '24h': 1, '7d': 7, '28d': 28 } as const
const quarter = (at: number): number => Math.ceil(at / QUARTER) * QUARTER
const timeOf = (given: string | undefined): number | undefined => {
  const at = given === undefined ? Number.NaN : Date.parse(given)
  return Number.isNaN(at) ? undefined : at
}

/** The period that is shown, and the one before it. */
export function spansOf(search: AnalyticsSearch, now: number, zone: string): Spans {
  const from = timeOf(search.start)
  const until = timeOf(search.end)
  if (from === undefined && until === undefined) {
    const last = search.last ?? '7d'
    const end = quarter(now)
    const hourly = last === '24h'
    const days = DAYS[last]
    const start = hourly ? floorTo(now, 'hour', zone) - 23 * HOUR : daysLater(floorTo(now, 'day', zone), 1 - days, zone)
    return { start, end, zone, step: search.step ?? (hourly ? 'hour' : 'day'), ...before(start, end, days, zone) }
  }
  const end = quarter(until ?? now)
  const start = Math.min(from === undefined ? end - 7 * DAY : Math.floor(from / QUARTER) * QUARTER, end - QUARTER)
  const days = (end - start) / DAY
  const step = search.step ?? (days <= 3 ? 'hour' : days <= 100 ? 'day' : 'month')
  return { start, end, zone, step, ...before(start, end, Math.ceil(days), zone) }
}

const before = (start: number, end: number, days: number, zone: string): Pick<Spans, 'before' | 'later'> => ({
  before: { start: daysLater(start, -days, zone), end: daysLater(end, -days, zone) },
  later: (at) => daysLater(at, days, zone),
})

/** The beginnings of all steps of the period, also of those without messages. */
export function stepsOf({ start, end, step, zone }: Spans): number[] {
  const found: number[] = []
  for (let at = start; at < end && found.length < 3000; at = next(floorTo(at, step, zone), step, zone)) found.push(at)
  return found
}

/** What is asked of `GET /v1/reports/messages` beside the span. */
export type Asked = { by?: string; step?: Step; times?: boolean }

export const iso = (at: number): string => new Date(at).toISOString()

/** The query of the API. */
export function reportQuery(search: AnalyticsSearch, { start, end }: Period, zone: string, { by, step, times }: Asked) {
  return {
    ...(by !== undefined && { by }),
    ...(step !== undefined && { step }),
    ...(times === true && { times }),
    ...filtersOf(search),
    start: iso(start),
    end: iso(end),
    zone,
    rows: 10_000,
  }
}

/** The filters as the API takes them. */
export function filtersOf(search: AnalyticsSearch) {
  const { country, network, sender, carrier, class: class_, accounts } = search
  return {
    ...(country !== undefined && { country: country === NONE ? '' : country }),
    ...(network !== undefined && { network: network === NONE ? '' : network }),
    ...(sender !== undefined && { sender }),
    ...(carrier !== undefined && { carrier }),
    ...(class_ !== undefined && { class: class_ }),
    ...(accounts === 'all' && { below: true }),
  }
}

type Kept = { dimensions: readonly string[]; times: boolean; account: boolean }

/** The combinations that are kept, as the product has them (`statistics/dimensions.py`). */
const KEPT: readonly Kept[] = [
  { dimensions: ['class', 'channel', 'error'], times: true, account: false },
  { dimensions: ['class', 'channel', 'campaign'], times: true, account: true },
  { dimensions: ['carrier', 'route'], times: false, account: true },
  { dimensions: ['country', 'network', 'class', 'error'], times: true, account: true },
  { dimensions: ['carrier', 'route', 'country', 'network', 'error'], times: true, account: false },
  { dimensions: ['sender'], times: false, account: true },
]

/** The filters by which a question cannot be asked: those that the statistics do not keep with it. */
export function notKept(search: AnalyticsSearch, { by = '', times = false }: Asked): Filter[] {
  const asked = by.split(',').filter((name) => !['', 'status', 'account'].includes(name))
  const apart = by.split(',').includes('account')
  const set = FILTERS.filter((name) => search[name] !== undefined)
  const keeps = (filters: readonly Filter[]): boolean =>
    KEPT.some(
      (kept) =>
        (kept.account || (search.accounts === 'all' && !apart)) &&
        (kept.times || !times) &&
        [...asked, ...filters].every((name) => kept.dimensions.includes(name)),
    )
  if (keeps(set)) return []
  const alone = set.filter((name) => !keeps([name]))
  return alone.length > 0 ? alone : set
}

/** The list of the messages that a number counts. `more` are the filters of its row. */
export function listOf(search: AnalyticsSearch, span: Period, more: MessagesSearch = {}): MessagesSearch {
  const { country, network, sender, carrier, class: class_, accounts } = search
  return {
    created_after: iso(span.start),
    created_before: iso(span.end),
    ...(country !== undefined && { country }),
    ...(network !== undefined && { network }),
    ...(sender !== undefined && { sender_shown: sender }),
    ...(carrier !== undefined && { carrier }),
    ...(class_ !== undefined && { class: class_ }),
    ...(accounts === 'all' && { account_id: EVERY }),
    ...more,
  }
}

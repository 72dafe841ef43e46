// A question as the beginnings of a saved report: the search parameters of the form for a new one.
import type { AnalyticsSearch } from './search'
import type { reportQuery } from './view'

const UNITS = { '24h': { last: 24, unit: 'hour' }, '7d': { last: 7, unit: 'day' }, '28d': { last: 28, unit: 'day' } } as const

/** The query without its span, which a saved report counts back from each run. */
export function savedSearch(search: AnalyticsSearch, query: ReturnType<typeof reportQuery>) {
  const { by, step, zone, times, start: _start, end: _end, rows: _rows, below, ...filters } = query
  const { last, unit } = UNITS[search.last ?? '7d']
  return {
    make: 'true' as const,
    by,
    step,
    zone,
    ...(times === true && { times: 'true' as const }),
    ...(below === true && { below: 'true' as const }),
    only: Object.entries(filters).map(([name, value]) => `${name}=${String(value)}`),
    last,
    unit,
  }
}

// The last 24 hours, one after the other: the API names only those in which something was sent.
import type { Figures } from './webhook'

const HOUR_MS = 3_600_000

export function dayOf({ hours, as_of: now }: Pick<Figures, 'hours' | 'as_of'>): Figures['hours'] {
  const last = Math.floor(Date.parse(now) / HOUR_MS)
  const known = new Map(hours.map((hour) => [Math.floor(Date.parse(hour.start) / HOUR_MS), hour]))
  return Array.from({ length: 24 }, (_, place) => {
    const at = last - 23 + place
    return known.get(at) ?? { start: new Date(at * HOUR_MS).toISOString(), delivered: 0, failed: 0 }
  })
}

// Figures of verifications: those of several rows together, when a span begins, and the list behind each number.
import type { components } from '../api/schema'
import { type Figure, type Listed, NONE, type VerifyFilters } from './search'

type Row = components['schemas']['VerifyFigures']
type Counted = Pick<Row, 'started' | 'judged' | 'approved' | 'blocked'>
export type Together = Counted & { conversion: number | null }

const HOUR_MS = 3_600_000
/** Thirty days lack an hour: a verification that ended before was deleted, and has a figure without a list. */
const SPANS = { '24h': 24, '7d': 168, '30d': 719 } as const

/** The sum of rows. Conversion is the share of those that can say something of it (`judged`). */
export function together(rows: readonly Counted[]): Together {
  const sum = (name: keyof Counted): number => rows.reduce((all, row) => all + row[name], 0)
  const [started, judged, approved, blocked] = [sum('started'), sum('judged'), sum('approved'), sum('blocked')]
  return { started, judged, approved, blocked, conversion: judged > 0 ? approved / judged : null }
}

/** The beginning of a span, at a whole hour: seven days if none is said. */
export function startOf(span: '24h' | '30d' | undefined, now: number): string {
  return new Date(Math.floor(now / HOUR_MS) * HOUR_MS - SPANS[span ?? '7d'] * HOUR_MS).toISOString()
}

type Report = { start: string; end: string; profile_id?: string | undefined }

/** The list of what a number counts: the report's own filters, the place of the row, and the name of the figure. */
export function listOf(figure: Figure, { start, end, profile_id }: Report, by?: Listed, row?: Partial<Row>): VerifyFilters {
  const all: VerifyFilters = { counted_as: figure, profile_id, created_after: start, created_before: end }
  if (by === undefined || row === undefined) return all
  if (by === 'profile') return { ...all, profile_id: row.profile ?? profile_id }
  if (by === 'day') return { ...all, ...dayOf(row.day ?? start, start, end) }
  if (by === 'channel') return { ...all, channel: row.channel === 'email' ? 'email' : 'sms' }
  return { ...all, [by]: row[by] ?? NONE }
}

/** A day of a report, which may begin or end within it. */
function dayOf(day: string, start: string, end: string): VerifyFilters {
  const next = Date.parse(day) + 24 * HOUR_MS
  return {
    created_after: Date.parse(day) < Date.parse(start) ? start : day,
    created_before: next > Date.parse(end) ? end : new Date(next).toISOString(),
  }
}

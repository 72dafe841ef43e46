// Figures of verifications: those of several rows together, and when a span begins.
import type { components } from '../api/schema'

type Row = components['schemas']['VerifyFigures']
type Counted = Pick<Row, 'started' | 'approved' | 'blocked' | 'canceled' | 'unreported'>
/** `judged` are those that can say something of conversion. */
export type Together = Counted & { judged: number; conversion: number | null }

const HOUR_MS = 3_600_000
const SPANS = { '24h': 24, '7d': 168, '30d': 720 } as const

/** The sum of rows. Blocked, canceled and unreported verifications say nothing of conversion, as in the API. */
export function together(rows: readonly Counted[]): Together {
  const sum = (name: keyof Counted): number => rows.reduce((all, row) => all + row[name], 0)
  const [started, approved, blocked, canceled, unreported] = [sum('started'), sum('approved'), sum('blocked'), sum('canceled'), sum('unreported')]
  const judged = started - blocked - canceled - unreported
  return { started, approved, blocked, canceled, unreported, judged, conversion: judged > 0 ? approved / judged : null }
}

/** The beginning of a span, at a whole hour: seven days if none is said. */
export function startOf(span: '24h' | '30d' | undefined, now: number): string {
  return new Date(Math.floor(now / HOUR_MS) * HOUR_MS - SPANS[span ?? '7d'] * HOUR_MS).toISOString()
}

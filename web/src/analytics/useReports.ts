// Reads reports: that of the period, and that of the period before.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import type { AnalyticsSearch } from './search'
import { type Asked, notKept, type Period, reportQuery, type Spans } from './view'

export const REPORTS = '/v1/reports/messages'
const EACH_MINUTE = 60_000

/** The present. It moves each minute, so that the period ends with it. */
export function useNow(): [now: number, move: () => void] {
  const [now, setNow] = useState(() => Date.now())
  const move = (): void => setNow(Date.now())
  useEffect(() => {
    const timer = setInterval(move, EACH_MINUTE)
    return () => clearInterval(timer)
  }, [])
  return [now, move]
}

type Query = ReturnType<typeof reportQuery>

function useReport(query: Query, enabled: boolean) {
  const api = useApi()
  return useQuery({
    queryKey: [REPORTS, query],
    queryFn: ({ signal }) => take(api.GET('/v1/reports/messages', { params: { query }, signal })),
    refetchInterval: EACH_MINUTE,
    enabled,
  })
}

export type View = { search: AnalyticsSearch; spans: Spans; now: number }

/** The report that a question asks, of both periods. `blocked` are filters with which it cannot be asked. */
export function useCompared({ search, spans }: View, asked: Asked) {
  const blocked = notKept(search, asked)
  const query = reportQuery(search, spans, spans.zone, asked)
  const now = useReport(query, blocked.length === 0)
  const before = useReport(reportQuery(search, spans.before, spans.zone, asked), blocked.length === 0)
  return { query, blocked, now, before }
}

export type Compared = ReturnType<typeof useCompared>

/** What began in the period and may explain it: alerts and pauses, for who may read them. */
export function useMarks({ start, end }: Period) {
  const api = useApi()
  const alerts = useMay('GET /v1/alerts')
  const pauses = useMay('GET /v1/pauses')
  const { data } = useQuery({
    queryKey: ['/v1/alerts', 'marks', alerts, pauses],
    queryFn: async ({ signal }) => {
      const params = { query: { limit: 100 } }
      const [fired, paused] = await Promise.all([
        alerts ? take(api.GET('/v1/alerts', { params, signal })) : null,
        pauses ? take(api.GET('/v1/pauses', { params, signal })) : null,
      ])
      return [
        ...(fired?.data ?? []).map(({ id, started_at, summary }) => ({ kind: 'alert' as const, id, at: Date.parse(started_at), text: summary })),
        ...(paused?.data ?? []).map(({ id, created_at, value }) => ({ kind: 'pause' as const, id, at: Date.parse(created_at), text: value })),
      ]
    },
    enabled: alerts || pauses,
    staleTime: EACH_MINUTE,
  })
  return (data ?? []).filter(({ at }) => at >= start && at < end).toSorted((a, b) => a.at - b.at)
}

export type Mark = ReturnType<typeof useMarks>[number]

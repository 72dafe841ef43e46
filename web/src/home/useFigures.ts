// The figures of the first page. Each is counted by the filters of the list that it leads to.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import { useCounts, VIEWS } from '../messages/Views'
import { stateOf } from '../webhooks/webhook'


const OFTEN = 15_000
const MINUTE = 60_000
export const HOUR = { last: '1h' } as const

/** The present, to a minute. */
function useAnchor(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE)
    return () => clearInterval(timer)
  }, [])
  return now
}

export function useFigures() {
  const anchor = useAnchor()
  const every = { every: OFTEN }
  return {
    anchor,
    hour: useCounts(HOUR, anchor, every),
    held: useCounts(VIEWS.held, anchor, every),
    scheduled: useCounts(VIEWS.scheduled, anchor, every),
  }
}

const iso = (at: number): string => new Date(at).toISOString()

/** The messages of each of the last 60 minutes. */
export function useMinutes(anchor: number) {
  const api = useApi()
  const may = useMay('GET /v1/reports/messages')
  const minute = anchor - (anchor % MINUTE)
  const query = { start: iso(minute - 59 * MINUTE), end: iso(minute + MINUTE), step: 'minute', rows: 100 } as const
  return useQuery({
    queryKey: ['/v1/reports/messages', query],
    queryFn: ({ signal }) => take(api.GET('/v1/reports/messages', { params: { query }, signal })),
    refetchInterval: OFTEN,
    placeholderData: (before) => before,
    enabled: may,
    // One figure for each minute, also where there was no message.
    select: (report) => {
      const found = new Map(report.data.map((row) => [Date.parse(row.start), row.messages]))
      return Array.from({ length: 60 }, (_, place) => {
        const at = minute - (59 - place) * MINUTE
        return { at, messages: found.get(at) ?? 0 }
      })
    },
  })
}

/** How many webhooks fail now. */
export function useFailing() {
  const api = useApi()
  return useQuery({
    queryKey: ['/v1/webhooks', 'failing'],
    queryFn: ({ signal }) => take(api.GET('/v1/webhooks', { params: { query: { failing: true, limit: 200 } }, signal })),
    select: (found) => found.data.filter((webhook) => stateOf(webhook) === 'failing').length,
    refetchInterval: MINUTE,
    enabled: useMay('GET /v1/webhooks'),
  })
}

const DAY = 86_400_000
const QUARTER = 15 * MINUTE

/** The statuses of the last day, and of the week before it; with the span that was counted. */
export function useDeliveries(anchor: number) {
  const api = useApi()
  const may = useMay('GET /v1/reports/messages')
  // The report has whole quarters of an hour: the list has the same span, so that both have the same messages.
  const end = Math.ceil(anchor / QUARTER) * QUARTER
  const read = async (start: number, until: number, signal: AbortSignal): Promise<Record<string, number>> => {
    const query = { start: iso(start), end: iso(until) }
    const report = await take(api.GET('/v1/reports/messages', { params: { query }, signal }))
    return report.data[0]?.statuses ?? {}
  }
  const span = { created_after: iso(end - DAY), created_before: iso(end) }
  const found = useQuery({
    queryKey: ['/v1/reports/messages', 'day and week', end],
    queryFn: async ({ signal }) => {
      const [day, week] = await Promise.all([read(end - DAY, end, signal), read(end - 8 * DAY, end - DAY, signal)])
      return { day, week }
    },
    refetchInterval: OFTEN,
    placeholderData: (before) => before,
    enabled: may,
  })
  return { ...found, may, span }
}

/** The alerts that fire now. Only for who may read them. */
export function useAlerts() {
  const api = useApi()
  const may = useMay('GET /v1/alerts')
  return useQuery({
    queryKey: ['/v1/alerts', 'firing'],
    queryFn: ({ signal }) => take(api.GET('/v1/alerts', { params: { query: { status: 'firing', limit: 10 } }, signal })),
    refetchInterval: OFTEN,
    enabled: may,
  })
}

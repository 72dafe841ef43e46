// Built-in views with their counts, and the counts by status of what is shown. Each number leads to what it counts.
import { queryOptions, useQuery } from '@tanstack/react-query'
import { memo, type ReactNode } from 'react'
import { type Api, take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { TextLink } from '../parts/Link'
import { useNow } from '../parts/Time'
import { SAME, Views } from '../parts/Views'
import { COUNTS, type Status } from './message'
import { queryOf } from './search'
import { FAILED, messagesSearch, type MessagesSearch, STATUSES } from './shape'

export const VIEWS = {
  all: {},
  failed: { status: [...FAILED], last: '1h' },
  held: { status: ['held'] },
  scheduled: { status: ['scheduled'] },
  awaiting: { status: ['sent'] },
  repeated: { duplicates: 'true' },
  received: { direction: 'inbound', last: '24h' },
} as const satisfies Record<string, MessagesSearch>

const EACH_MINUTE = 60_000

export type Counts = { counts: Partial<Record<Status, number>>; total: number; next: string | null }

/** The messages that pass the filters, by status, as of `anchor`. `every` the milliseconds after which they are counted again. */
export function useCounts(search: MessagesSearch, anchor: number, { every, enabled }: { every?: number; enabled?: boolean } = {}) {
  const api = useApi()
  return useQuery({
    ...countsQuery(api, search, anchor),
    refetchInterval: every,
    staleTime: every,
    placeholderData: (before) => before,
    enabled,
  })
}

/** How they are counted. */
export function countsQuery(api: Api, search: MessagesSearch, anchor: number) {
  const { order: _, ...query } = queryOf(search, anchor)
  return queryOptions({
    queryKey: [COUNTS, query],
    queryFn: ({ signal }) => take(api.GET('/v1/messages/counts', { params: { query }, signal })),
  })
}

/** A number of messages. If there are more than the API counts at once, it says so. */
export function useCountText(): (counts: Counts | undefined, number?: number) => string {
  const t = useT()
  const format = useFormat()
  return (counts, number) => {
    if (counts === undefined) return '…'
    const written = format.number(number ?? counts.total)
    return counts.next === null ? written : t('messages.atLeast', { number: written })
  }
}

const BUILT_IN = ['all', 'failed', 'held', 'scheduled', 'awaiting', 'repeated', 'received'] as const

export function MessageViews({ search }: { search: MessagesSearch }): ReactNode {
  const t = useT()
  const builtIn = BUILT_IN.map((name) => ({
    name,
    label: t(`messages.view.${name}`),
    search: VIEWS[name],
    count: name === 'all' ? undefined : <ViewCount search={VIEWS[name]} />,
  }))
  return <Views page="messages" search={search} read={messagesSearch} builtIn={builtIn} count={(to) => <ViewCount search={to} />} />
}

/** How many messages a view has, counted again each minute. */
function ViewCount({ search }: { search: MessagesSearch }): ReactNode {
  const text = useCountText()
  const { data } = useCounts(search, useNow(), { every: EACH_MINUTE })
  return text(data)
}

/** How many of each status there are with these filters, whatever status is chosen. */
export const StatusCounts = memo(function StatusCounts({ search, anchor }: { search: MessagesSearch; anchor: number }): ReactNode {
  const t = useT()
  const text = useCountText()
  const { status: chosen, status_not: out, ...others } = search
  const { data } = useCounts(others, anchor)
  const found = STATUSES.filter((status) => (data?.counts[status] ?? 0) > 0 || chosen?.includes(status))
  return (
    <nav className="o-counts" aria-label={t('messages.byStatus')}>
      <TextLink size="sm" activeOptions={SAME} to="/messages" search={others} aria-current={chosen === undefined && out === undefined ? 'true' : undefined}>
        {t('messages.total')} <bdi className="o-views-count">{text(data)}</bdi>
      </TextLink>
      {found.map((status) => (
        <TextLink key={status} size="sm" activeOptions={SAME} to="/messages" search={{ ...others, status: [status] }} aria-current={out === undefined && chosen?.length === 1 && chosen[0] === status ? 'true' : undefined}>
          {t(`messages.status.${status}`)} <bdi className="o-views-count">{text(data, data?.counts[status] ?? 0)}</bdi>
        </TextLink>
      ))}
    </nav>
  )
})

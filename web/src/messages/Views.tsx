// Built-in views with their counts, and how messages are counted. Each number leads to what it counts.
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { type Api, take } from '../api/client'
import type { components } from '../api/schema'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { useNow } from '../parts/Time'
import { Views } from '../parts/Views'
import { COUNTS } from './message'
import { queryOf } from './search'
import { FAILED, type Group, messagesSearch, type MessagesSearch } from './shape'

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

export type Counts = Pick<components['schemas']['MessageCounts'], 'counts' | 'total' | 'next'>
type Options = { by?: Group; every?: number; enabled?: boolean }

/** The messages that pass the filters, `by` status or another value, as of `anchor`. `every` the milliseconds after which
 * they are counted again. */
export function useCounts(search: MessagesSearch, anchor: number, { by, every, enabled }: Options = {}) {
  const api = useApi()
  return useQuery({
    ...countsQuery(api, search, anchor, by),
    refetchInterval: every,
    staleTime: every,
    placeholderData: (before) => before,
    enabled,
  })
}

/** How they are counted. */
export function countsQuery(api: Api, search: MessagesSearch, anchor: number, by: Group = 'status') {
  const { order: _, ...filters } = queryOf(search, anchor)
  const query = { ...filters, group_by: by }
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

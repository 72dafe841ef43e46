// What a pause holds: how many messages wait now for its subject, and how fast a carrier takes them once it is resumed.
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { isRefusal } from '../api/problem'
import type { components } from '../api/schema'
import { useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { Found } from '../parts/States'
import { Icon } from '../parts/Icon'
import type { Pause } from './desk'

export type Subject = Pick<Pause, 'kind' | 'value'>
export type Stopped = Pick<Pause, 'kind' | 'value' | 'mode'>

type Filter = components['schemas']['BulkFilterBody']

/** The waiting messages of a subject. Those of a bind wait for its carrier. */
export function waitingOf({ kind, value }: Subject): Filter {
  const status = 'queued' as const
  switch (kind) {
    case 'carrier':
      return { status, carrier: value }
    case 'bind':
      return { status, carrier: value.slice(0, Math.max(0, value.lastIndexOf('/'))) }
    case 'route':
      return { status, route: value }
    case 'account':
      return { status, account: value }
    case 'sender':
      return { status, from: value }
    case 'country':
      return { status, country: value }
  }
}

/** How many messages wait now. They are only counted. */
function useWaiting(subject: Subject) {
  const api = useApi()
  return useQuery({
    queryKey: ['/v1/messages', 'waiting', subject],
    queryFn: ({ signal }) => take(api.POST('/v1/messages/cancel', { body: { filter: waitingOf(subject), dry_run: true }, signal })),
    enabled: subject.value !== '',
  })
}

/** Before a pause: what it will hold, and what still comes. */
export function WillHold({ subject, mode }: { subject: Subject; mode: Pause['mode'] }): ReactNode {
  const t = useT()
  const query = useWaiting(subject)
  // While a name is typed, there is nothing of that name.
  if (subject.value === '' || isRefusal(query.error, 'invalid_field')) return null
  return (
    <div className="o-held" role="status">
      <Found query={query} rows={1}>
        {({ total }) => (
          <Text>
            <Icon name="clock" size={16} /> {mode === 'drain' ? t('desk.willSend', { count: total }) : subject.kind === 'bind' ? t('desk.waitsForCarrier', { count: total }) : t('desk.willHold', { count: total })}
          </Text>
        )}
      </Found>
      {subject.kind === 'carrier' && <NowTakes carrier={subject.value} />}
    </div>
  )
}

/** What a carrier takes now: so much more waits with each minute. */
function NowTakes({ carrier }: { carrier: string }): ReactNode {
  const t = useT()
  const api = useApi()
  const may = useMay('GET /v1/carrier-states')
  const { data } = useQuery({
    queryKey: ['/v1/carrier-states', carrier],
    queryFn: ({ signal }) => take(api.GET('/v1/carrier-states', { params: { query: { carrier } }, signal })),
    enabled: may,
  })
  const rate = data?.data[0]?.per_second.accepted ?? 0
  return rate === 0 ? null : <Text size="sm" c="dimmed">{t('desk.nowTakes', { count: Math.round(rate * 60) })}</Text>
}

/** Before it is resumed: what will be released, and how fast. */
export function WillRelease({ stopped }: { stopped: Stopped }): ReactNode {
  const t = useT()
  const query = useWaiting(stopped)
  if (stopped.mode === 'drain') return <Text>{t('desk.drainEnds')}</Text>
  return (
    <div className="o-held" role="status">
      <Found query={query} rows={1}>
        {({ total }) => (
          <>
            <Text>
              <Icon name="play" size={16} /> {t('desk.willRelease', { count: total })}
            </Text>
            {total > 0 && (stopped.kind === 'carrier' || stopped.kind === 'bind' ? <Pace carrier={stopped.kind === 'bind' ? (stopped.value.split('/')[0] ?? '') : stopped.value} count={total} /> : <Text size="sm" c="dimmed">{t('desk.paceOfCarriers')}</Text>)}
          </>
        )}
      </Found>
    </div>
  )
}

/** A carrier over SMPP may have a limit of segments a second. */
function Pace({ carrier, count }: { carrier: string; count: number }): ReactNode {
  const t = useT()
  const format = useFormat()
  const api = useApi()
  const may = useMay('GET /v1/carriers/{id}')
  const { data } = useQuery({
    queryKey: ['/v1/carriers', carrier],
    queryFn: ({ signal }) => take(api.GET('/v1/carriers/{id}', { params: { path: { id: carrier } }, signal })),
    enabled: may,
  })
  const limit = limitOf(data?.settings)
  return (
    <Text size="sm" c="dimmed">
      {limit === null ? t('desk.paceFree') : t('desk.paceLimited', { rate: format.number(limit), time: format.duration((count / limit) * 1000) })}
    </Text>
  )
}

/** How many segments a second a carrier may get; null without a limit. */
export function limitOf(settings: object | undefined): number | null {
  const limit = (settings as { throughput?: unknown } | undefined)?.throughput
  return typeof limit === 'number' && limit > 0 ? limit : null
}

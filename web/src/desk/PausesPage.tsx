// What is stopped now, by whom, why and until when. More can be paused here, and each can be resumed.
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { oneOf } from '../app/search'
import { useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { type FilterField, FilterBar, type Filters, isFiltered } from '../parts/FilterBar'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { Who } from '../parts/Named'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { StatusBadge } from '../parts/StatusBadge'
import { useList } from '../parts/useList'
import { Time, Words } from '../parts/Values'
import { KINDS, MODES, type Pause, PAUSES } from './desk'

const NewPause = lazy(() => import('./NewPause').then((found) => ({ default: found.NewPause })))
const Resume = lazy(() => import('./Resume').then((found) => ({ default: found.Resume })))

const EVERY_MS = 10_000
const kindOf = oneOf(...KINDS)
const howOf = oneOf(...MODES)

export function PausesPage(): ReactNode {
  const t = useT()
  const api = useApi()
  const navigate = useNavigate({ from: '/pauses' })
  const { kind, how, make: making, of } = useSearch({ from: '/shell/pauses' })
  const query = { kind, mode: how }
  const value = { kind, how }
  const [resumed, setResumed] = useState<Pause | null>(null)
  const list = useList(PAUSES, { ...query, limit: 100 }, { every: EVERY_MS })
  const fields: FilterField[] = [
    { name: 'kind', label: t('desk.kind'), kind: 'choice', options: KINDS.map((each) => ({ value: each, label: t(`desk.kind.${each}`) })) },
    { name: 'how', label: t('desk.how'), kind: 'choice', options: MODES.map((each) => ({ value: each, label: t(`desk.mode.${each}`) })) },
  ]
  const filter = (to: Filters): void => void navigate({ search: (before) => ({ ...before, kind: kindOf(to.kind), how: howOf(to.how) }) })
  const make = (to: Pause['kind'] | undefined): void => void navigate({ search: (before) => ({ ...before, make: to, of: undefined }) })
  const makeButton = (
    <Act calls="POST /v1/pauses" leftSection={<Icon name="pause" />} onClick={() => make('carrier')}>
      {t('desk.make')}
    </Act>
  )
  const columns: Column<Pause>[] = [
    { name: 'what', title: t('desk.what'), width: 'minmax(8rem, 1.2fr)', cell: (pause) => <><Subject pause={pause} /> <small className="o-pause-kind">{t(`desk.kind.${pause.kind}`)}</small></> },
    { name: 'how', title: t('desk.how'), width: '8rem', cell: (pause) => <StatusBadge tone="warn" icon="pause">{t(`desk.mode.${pause.mode}`)}</StatusBadge> },
    { name: 'reason', title: t('desk.reason'), width: 'minmax(7rem, 2fr)', cell: (pause) => (pause.reason === null ? '–' : <Words>{pause.reason}</Words>) },
    { name: 'by', title: t('desk.by'), width: 'minmax(6rem, 1fr)', extra: true, cell: (pause) => <Who who={pause.made_by} /> },
    { name: 'since', title: t('desk.since'), width: 'minmax(5.5rem, 0.8fr)', cell: (pause) => <Time at={pause.created_at} /> },
    { name: 'oldest', title: t('desk.oldest'), width: 'minmax(5.5rem, 0.7fr)', cell: (pause) => (pause.kind === 'carrier' ? <Oldest carrier={pause.subject} /> : '–') },
    { name: 'until', title: t('desk.until'), width: 'minmax(6rem, 0.8fr)', cell: (pause) => <Time at={pause.ends_at} never={t('desk.untilResumed')} /> },
    {
      name: 'resume', title: t('desk.resume'), width: '7.5rem', align: 'end',
      cell: (pause) => (
        <Act calls="DELETE /v1/pauses/{id}" size="compact-sm" variant="default" onClick={() => setResumed(pause)}>
          {t('desk.resume')}
        </Act>
      ),
    },
  ]
  return (
    <>
      <PageHead title={t('desk.pauses')} about={t('desk.pausesAbout')} actions={<><CopyAsCode request={{ operation: 'GET /v1/pauses', query }} />{makeButton}</>} />
      <FilterBar label={t('desk.filterPauses')} fields={fields} value={value} onChange={filter} />
      <DataList
        list={list}
        columns={columns}
        label={t('desk.pauses')}
        rowKey={(pause) => pause.id}
        empty={<NothingYet icon="play" title={t('desk.noPauses')} about={t('desk.noPausesAbout')} action={makeButton} />}
        onClear={isFiltered(fields, value) ? () => filter({}) : undefined}
      />
      <Suspense>
        {making !== undefined && <NewPause kind={making} value={of} onClose={() => make(undefined)} />}
        {resumed !== null && <Resume stopped={resumed} resume={() => take(api.DELETE('/v1/pauses/{id}', { params: { path: { id: resumed.id } } }))} onClose={() => setResumed(null)} />}
      </Suspense>
    </>
  )
}

/** How long the oldest message has waited for a carrier. */
function Oldest({ carrier }: { carrier: string }): ReactNode {
  const format = useFormat()
  const api = useApi()
  const { data } = useQuery({
    queryKey: ['/v1/carrier-states', 'of pauses'],
    queryFn: ({ signal }) => take(api.GET('/v1/carrier-states', { signal })),
    enabled: useMay('GET /v1/carrier-states'),
    refetchInterval: EVERY_MS,
  })
  const seconds = data?.data.find(({ id }) => id === carrier)?.queue?.oldest_seconds
  return seconds == null ? '–' : <bdi>{format.duration(seconds * 1000)}</bdi>
}

/** What is paused; a carrier leads to its page, which takes its name too. */
function Subject({ pause }: { pause: Pause }): ReactNode {
  const name = <bdi dir="auto">{pause.value}</bdi>
  return pause.kind === 'carrier' ? <TextLink to="/carriers/$id" params={{ id: pause.value }}>{name}</TextLink> : name
}

// What goes over the line? The captures of SMPP traffic on this node, and the form that starts one.
import { ActionIcon, Menu } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { type FilterField, FilterBar, type Filters, isFiltered } from '../parts/FilterBar'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Count, Time } from '../parts/Values'
import { useEnd } from './actions'
import { type Capture, CAPTURES, CaptureState, EVERY_MS, Size, Subject, subjectOf } from './capture'
import { filtersOf, STATUSES } from './routes'
import './captures.css'

const NewCapture = lazy(() => import('./NewCapture').then((found) => ({ default: found.NewCapture })))
const DeleteCapture = lazy(() => import('./DeleteCapture').then((found) => ({ default: found.DeleteCapture })))

export function CapturesPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/captures' })
  const search = useSearch({ from: '/shell/captures' })
  const [ending, setEnding] = useState<Capture | null>(null)
  const value = filtersOf(search)
  const list = useList(CAPTURES, value, { every: EVERY_MS })
  const fields: FilterField[] = [
    { name: 'status', label: t('captures.state'), kind: 'choice', options: STATUSES.map((each) => ({ value: each, label: t(`captures.${each}`) })) },
    { name: 'carrier', label: t('captures.ofCarrier'), kind: 'text' },
    { name: 'credential', label: t('captures.ofCredential'), kind: 'text', accepts: (typed) => typed.startsWith('smpp_') },
    { name: 'message_id', label: t('captures.ofMessage'), kind: 'text', accepts: (typed) => typed.startsWith('msg_') },
  ]
  const filter = (to: Filters): void => void navigate({ search: filtersOf(to) })
  const make = (open: boolean): void => void navigate({ search: (before) => ({ ...before, make: open ? 'true' : undefined }) })
  const makeButton = (
    <Act calls="POST /v1/captures" leftSection={<Icon name="pulse" />} onClick={() => make(true)}>
      {t('captures.make')}
    </Act>
  )
  const columns: Column<Capture>[] = [
    {
      name: 'of', title: t('captures.of'), width: 'minmax(11rem, 1.6fr)',
      cell: (capture) => (
        <TextLink to="/captures/$id" params={{ id: capture.id }}>
          <Subject capture={capture} plain />
        </TextLink>
      ),
    },
    { name: 'state', title: t('captures.state'), width: 'minmax(13rem, 1.6fr)', cell: (capture) => <CaptureState capture={capture} /> },
    { name: 'frames', title: t('captures.pdus'), width: '5rem', align: 'end', cell: (capture) => <Count value={capture.frames} /> },
    { name: 'bytes', title: t('captures.size'), width: '6rem', align: 'end', extra: true, cell: (capture) => <Size bytes={capture.bytes} /> },
    { name: 'bodies', title: t('captures.texts'), width: '7rem', extra: true, cell: (capture) => (capture.bodies ? t('captures.withTexts') : t('captures.masked')) },
    { name: 'started', title: t('captures.started'), width: '8rem', cell: (capture) => <Time at={capture.started_at} /> },
    { name: 'more', title: t('captures.actions'), width: '4rem', align: 'end', cell: (capture) => <More capture={capture} onDelete={setEnding} /> },
  ]
  return (
    <>
      <PageHead
        title={t('captures.title')}
        about={t('captures.about')}
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/captures', query: value }} />
            {makeButton}
          </>
        }
      />
      <FilterBar label={t('captures.filterList')} fields={fields} value={value} onChange={filter} />
      <DataList
        list={list}
        columns={columns}
        label={t('captures.title')}
        rowKey={(capture) => capture.id}
        rowTone={(capture) => (capture.status === 'running' ? undefined : 'faded')}
        empty={<NothingYet icon="pulse" title={t('captures.none')} about={t('captures.noneAbout')} action={makeButton} />}
        onClear={isFiltered(fields, value) ? () => filter({}) : undefined}
      />
      <Suspense>
        {search.make === 'true' && <NewCapture of={search} onClose={() => make(false)} />}
        {ending !== null && <DeleteCapture capture={ending} onClose={() => setEnding(null)} />}
      </Suspense>
    </>
  )
}

function More({ capture, onDelete }: { capture: Capture; onDelete: (capture: Capture) => void }): ReactNode {
  const t = useT()
  const may = useMay('POST /v1/captures/{id}/stop')
  const { stop, download } = useEnd(capture, useQueryClient())
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" disabled={!may} aria-label={t('captures.actionsOf', { name: subjectOf(capture) })}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {capture.status === 'running' && <Menu.Item leftSection={<Icon name="stop" />} onClick={() => void stop()}>{t('captures.stop')}</Menu.Item>}
        <Menu.Item leftSection={<Icon name="download" />} onClick={() => void download()}>{t('captures.download')}</Menu.Item>
        <Menu.Item color="red.8" leftSection={<Icon name="trash" />} onClick={() => onDelete(capture)}>{t('captures.delete')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

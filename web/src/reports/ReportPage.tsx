// One saved report: what it counts, when it runs, what became of its runs; run it, read it, change it, delete it.
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { Facts } from '../parts/Facts'
import { BackToList, FoundPage } from '../parts/FoundPage'
import { Icon } from '../parts/Icon'
import { type MoreEntry, MoreMenu } from '../parts/MoreMenu'
import { Who } from '../parts/Named'
import { notify, notifyRefusal } from '../parts/Notices'
import { PageHead } from '../parts/PageHead'
import { State } from '../parts/States'
import { Ident, ServerWords, Time } from '../parts/Values'
import { Counts, ReportState, Target, useScheduleText, useSpanText } from './parts'
import { onlyOf, RUNS, SAVED, type SavedReport, stateOf } from './report'
import { Runs } from './Runs'
import { useDownload } from './useDownload'

const EditReport = lazy(() => import('./EditReport').then((found) => ({ default: found.EditReport })))

export function ReportPage(): ReactNode {
  const { id } = useParams({ from: '/shell/reports/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [SAVED, id],
    queryFn: () => take(api.GET('/v1/reports/saved/{id}', { params: { path: { id } } })),
    refetchInterval: 15_000,
  })
  return <FoundPage query={query}>{(report) => <OneReport report={report} />}</FoundPage>
}

function OneReport({ report }: { report: SavedReport }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const schedule = useScheduleText()
  const span = useSpanText()
  const download = useDownload(report)
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null)
  const path = { id: report.id }
  const state = stateOf(report)
  const sent = report.recipients.length > 0 || report.url !== null
  const again = async (): Promise<void> => {
    await Promise.all([SAVED, RUNS].map((key) => queries.invalidateQueries({ queryKey: [key] })))
  }
  const act = async (what: () => Promise<unknown>, said: string): Promise<void> => {
    try {
      await what()
      await again()
      notify(said)
    } catch (error) {
      notifyRefusal(error)
    }
  }
  const run = (): Promise<void> => act(() => take(api.POST('/v1/reports/saved/{id}/run', { params: { path } })), t('reports.runs.begun'))
  const enable = (enabled: boolean): Promise<void> =>
    act(() => take(api.PATCH('/v1/reports/saved/{id}', { params: { path }, body: { enabled } })), enabled ? t('reports.resumed') : t('reports.paused'))
  const remove = async (): Promise<void> => {
    await take(api.DELETE('/v1/reports/saved/{id}', { params: { path } }))
    await queries.invalidateQueries({ queryKey: [SAVED], refetchType: 'none' })
    notify(t('reports.deleted'))
    void navigate({ to: '/reports' })
  }

  return (
    <>
      <PageHead
        before={<BackToList />}
        title={report.name}
        about={<ReportState report={report} />}
        actions={
          <>
            {sent && (
              <Act calls="POST /v1/reports/saved/{id}/run" leftSection={<Icon name="send" />} onClick={() => void run()}>
                {t('reports.runNow')}
              </Act>
            )}
            <Act calls="GET /v1/reports/saved/{id}/report" variant={sent ? 'default' : 'filled'} leftSection={<Icon name="download" />} loading={download.busy} onClick={() => void download.load()}>
              {t('reports.download')}
            </Act>
            <MoreMenu
              entries={[
                ...(report.schedule !== null && state !== 'stopped'
                  ? [{ label: report.enabled ? t('reports.pause') : t('reports.resume'), icon: report.enabled ? 'pause' : 'play', calls: 'PATCH /v1/reports/saved/{id}', onClick: () => void enable(!report.enabled) } satisfies MoreEntry]
                  : []),
                { label: t('reports.edit'), icon: 'edit', calls: 'PATCH /v1/reports/saved/{id}', onClick: () => setOpen('edit') },
                { label: t('reports.delete'), icon: 'trash', calls: 'DELETE /v1/reports/saved/{id}', ends: true, onClick: () => setOpen('delete') },
              ]}
            />
          </>
        }
      />
      {report.stopped_at !== null && (
        <State icon="stop" role="alert" title={t('reports.stopped')} action={<Button onClick={() => void enable(true)}>{t('reports.startAgain')}</Button>}>
          <p>
            <Time at={report.stopped_at} as="absolute" /> <ServerWords>{report.stopped_reason ?? ''}</ServerWords>
          </p>
        </State>
      )}
      <Facts
        facts={[
          [t('reports.by'), <Counts key="by" report={report} />],
          ...(onlyOf(report.query).length === 0 ? [] : [[t('reports.only'), <Ident key="only">{onlyOf(report.query).join(', ')}</Ident>] satisfies [string, ReactNode]]),
          [t('reports.span'), span(report.span)],
          [t('reports.zone'), report.query.zone == null ? t('reports.accountZone') : <Ident key="zone">{report.query.zone}</Ident>],
          [t('reports.schedule'), schedule(report.schedule)],
          [t('reports.next'), <Time key="next" at={report.next_run_at} as="absolute" />],
          [t('reports.target'), <Target key="target" report={report} />],
          [t('reports.runsAs'), <Who key="as" who={report.runs_as} />],
          [t('reports.id'), <Ident key="id">{report.id}</Ident>],
        ]}
      />
      <Runs report={report} />
      <Suspense>{open === 'edit' && <EditReport report={report} onClose={() => setOpen(null)} />}</Suspense>
      {open === 'delete' && (
        <ConfirmDialog title={t('reports.deleteTitle', { name: report.name })} action={t('reports.delete')} onClose={() => setOpen(null)} onConfirm={remove}>
          {t('reports.deleteAbout')}
        </ConfirmDialog>
      )}
    </>
  )
}

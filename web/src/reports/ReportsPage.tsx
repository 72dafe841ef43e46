// Which figures are sent to whom? The saved reports of the account, and the form for a new one.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { Icon } from '../parts/Icon'
import { ButtonLink, TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Time, Words } from '../parts/Values'
import { Counts, ReportState, Target, useScheduleText, useSpanText } from './parts'
import { EMPTY, namesIn, SAVED, type SavedReport, type Values } from './report'

const EditReport = lazy(() => import('./EditReport').then((found) => ({ default: found.EditReport })))

export function ReportsPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/reports' })
  const { account: _account, mode: _mode, make, by, times, below, ...given } = useSearch({ from: '/shell/reports' })
  const schedule = useScheduleText()
  const span = useSpanText()
  const list = useList(SAVED, { limit: 100 }, { every: 30_000 })
  const begin = (): void => void navigate({ search: ({ account, mode }) => ({ account, mode, make: 'true' }) })
  const end = (): void => void navigate({ search: ({ account, mode }) => ({ account, mode }) })
  const initial: Values = { ...EMPTY, ...given, by: namesIn(by), times: times === 'true', below: below === 'true' }

  const columns: Column<SavedReport>[] = [
    {
      name: 'name', title: t('reports.name'), width: 'minmax(8.5rem, 1.4fr)',
      cell: (report) => (
        <TextLink to="/reports/$id" params={{ id: report.id }}>
          <Words>{report.name}</Words>
        </TextLink>
      ),
    },
    { name: 'state', title: t('reports.state'), width: '8.5rem', cell: (report) => <ReportState report={report} /> },
    { name: 'counts', title: t('reports.by'), width: 'minmax(8rem, 1.2fr)', cell: (report) => <Counts report={report} /> },
    { name: 'span', title: t('reports.span'), width: 'minmax(7rem, 0.9fr)', extra: true, cell: (report) => span(report.span) },
    { name: 'schedule', title: t('reports.schedule'), width: 'minmax(7.5rem, 1.2fr)', cell: (report) => schedule(report.schedule) },
    { name: 'target', title: t('reports.target'), width: 'minmax(8rem, 1.8fr)', extra: true, cell: (report) => <Target report={report} /> },
    { name: 'next', title: t('reports.next'), width: '7rem', cell: (report) => <Time at={report.next_run_at} /> },
  ]
  const makeButton = (
    <Act calls="POST /v1/reports/saved" leftSection={<Icon name="plus" />} onClick={begin}>
      {t('reports.make')}
    </Act>
  )
  return (
    <>
      <PageHead
        title={t('reports.title')}
        about={t('reports.about')}
        actions={
          <>
            <ButtonLink to="/analytics" variant="default" leftSection={<Icon name="chart" />}>
              {t('reports.analytics')}
            </ButtonLink>
            <CopyAsCode request={{ operation: 'GET /v1/reports/saved' }} />
            {makeButton}
          </>
        }
      />
      <DataList
        list={list}
        columns={columns}
        label={t('reports.title')}
        rowKey={(report) => report.id}
        rowTone={(report) => (report.enabled ? undefined : 'faded')}
        empty={<NothingYet icon="chart" title={t('reports.none')} about={t('reports.noneAbout')} action={makeButton} />}
      />
      <Suspense>{make === 'true' && <EditReport initial={initial} onClose={end} />}</Suspense>
    </>
  )
}

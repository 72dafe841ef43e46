// What was done to many messages at once, and how far it is.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { needTexts, useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { Who } from '../parts/Named'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Time } from '../parts/Values'
import { type Job, JOBS } from './desk'
import { JobFilter, JobState, Progress } from './job'

const NewJob = lazy(async () => {
  // Its steps are those of the messages.
  const [{ NewJob: component }] = await Promise.all([import('./NewJob'), needTexts('messages')])
  return { default: component }
})

const EVERY_MS = 5_000

export function JobsPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/jobs' })
  const { make, carrier } = useSearch({ from: '/shell/jobs' })
  const list = useList(JOBS, { limit: 50 }, { every: EVERY_MS })
  const setMake = (open: boolean): void => void navigate({ search: (before) => ({ ...before, make: open ? ('true' as const) : undefined, carrier: undefined }) })
  const columns: Column<Job>[] = [
    {
      name: 'kind', title: t('desk.job'), width: 'minmax(8rem, 1fr)',
      cell: (job) => (
        <TextLink to="/jobs/$id" params={{ id: job.id }}>
          {t(`desk.job.${job.kind}`)}
        </TextLink>
      ),
    },
    { name: 'status', title: t('desk.state'), width: '7.5rem', cell: (job) => <JobState job={job} /> },
    { name: 'progress', title: t('desk.done'), width: 'minmax(9rem, 1.4fr)', cell: (job) => <Progress job={job} /> },
    { name: 'filter', title: t('desk.filter'), width: 'minmax(10rem, 2fr)', extra: true, cell: (job) => <JobFilter job={job} /> },
    { name: 'by', title: t('desk.by'), width: 'minmax(8rem, 1fr)', extra: true, cell: (job) => <Who who={job.made_by} /> },
    { name: 'began', title: t('desk.began'), cell: (job) => <Time at={job.created_at} /> },
  ]
  return (
    <>
      <PageHead
        title={t('desk.jobs')}
        about={t('desk.jobsAbout')}
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/jobs' }} />
            <Act calls="POST /v1/messages/cancel" leftSection={<Icon name="plus" />} onClick={() => setMake(true)}>
              {t('desk.newJob')}
            </Act>
          </>
        }
      />
      <DataList list={list} columns={columns} label={t('desk.jobs')} rowKey={(job) => job.id} empty={<NothingYet icon="list" title={t('desk.noJobs')} about={t('desk.noJobsAbout')} />} />
      <Suspense>{make === 'true' && <NewJob carrier={carrier} onClose={() => setMake(false)} />}</Suspense>
    </>
  )
}

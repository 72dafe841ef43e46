// One job: how far it is, what came of it, and which messages it skipped and why. While it runs, it can be stopped.
import { Stack } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { Facts } from '../parts/Facts'
import { BackToList, FoundPage } from '../parts/FoundPage'
import { Icon } from '../parts/Icon'
import { Named, Who } from '../parts/Named'
import { notify } from '../parts/Notices'
import { PageHead } from '../parts/PageHead'
import { Count, Ident, Time } from '../parts/Values'
import { type Job, JOBS } from './desk'
import { JobFilter, JobState, Progress } from './job'
import { Skipped } from './Skipped'

const ConfirmDialog = lazy(() => import('../parts/ConfirmDialog').then((found) => ({ default: found.ConfirmDialog })))

const EVERY_MS = 2_000

export function JobPage(): ReactNode {
  const { id } = useParams({ from: '/shell/jobs/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [JOBS, id],
    queryFn: ({ signal }) => take(api.GET('/v1/jobs/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (found) => (found.state.data?.status === 'running' ? EVERY_MS : false),
  })
  return <FoundPage query={query}>{(job) => <OneJob job={job} />}</FoundPage>
}

function OneJob({ job }: { job: Job }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [asks, setAsks] = useState(false)
  const stop = async (): Promise<void> => {
    await take(api.POST('/v1/jobs/{id}/stop', { params: { path: { id: job.id } } }))
    await queries.invalidateQueries({ queryKey: [JOBS] })
    notify(t('desk.stopped'))
  }
  // Besides these two, results are error codes.
  const nameOf = (result: string): string => (result === 'done' || result === 'skipped' ? t(`desk.count.${result}`) : result)
  const target = job.to?.route ?? job.to?.carrier
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={t(`desk.job.${job.kind}`)}
        about={<JobState job={job} />}
        actions={
          job.status === 'running' && (
            <Act calls="POST /v1/jobs/{id}/stop" color="red.8" leftSection={<Icon name="stop" />} onClick={() => setAsks(true)}>
              {t('desk.stop')}
            </Act>
          )
        }
      />
      <Stack maw="60rem">
        <Progress job={job} />
        <Facts
          facts={[
            ...Object.entries(job.counts).map(([name, count]): [string, ReactNode] => [nameOf(name), <Count key={name} value={count} />]),
            [t('desk.filter'), <JobFilter key="filter" job={job} />],
            ...(target == null ? [] : [[t('desk.to'), <Named key="to" id={target} />] satisfies [string, ReactNode]]),
            [t('desk.by'), <Who key="by" who={job.made_by} />],
            [t('desk.began'), <Time key="began" at={job.created_at} as="absolute" />],
            [t('desk.ended'), <Time key="ended" at={job.done_at} as="absolute" never={t('desk.notYet')} />],
            [t('desk.id'), <Ident key="id">{job.id}</Ident>],
          ]}
        />
        <Skipped job={job} every={EVERY_MS} />
      </Stack>
      <Suspense>
        {asks && (
          <ConfirmDialog title={t('desk.stopTitle')} action={t('desk.stop')} onClose={() => setAsks(false)} onConfirm={stop}>
            {t('desk.stopAbout')}
          </ConfirmDialog>
        )}
      </Suspense>
    </>
  )
}

// A job that was just started: how far it is, what it skipped and why, and the button that stops it.
import { Button, Group, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { JOBS, SKIPPED } from '../desk/desk'
import { JobState, Progress } from '../desk/job'
import { useReasonWords } from '../desk/Skipped'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { ButtonLink } from '../parts/Link'
import { notifyRefusal } from '../parts/Notices'
import { Found } from '../parts/States'
import { useList } from '../parts/useList'
import { Count } from '../parts/Values'
import { byReason } from './bulk'

const EVERY_MS = 1_000
const LISTED = 200

/** `onEnded` reads the messages again. */
export function BulkJob({ id, onClose, onEnded }: { id: string; onClose: () => void; onEnded: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const query = useQuery({
    queryKey: [JOBS, id],
    queryFn: () => take(api.GET('/v1/jobs/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.status === 'running' ? EVERY_MS : false),
  })
  const status = query.data?.status
  const ended = useRef(onEnded)
  useEffect(() => {
    if (status !== undefined && status !== 'running') ended.current()
  }, [status])
  const stop = async (): Promise<void> => {
    try {
      await take(api.POST('/v1/jobs/{id}/stop', { params: { path: { id } } }))
      await queries.invalidateQueries({ queryKey: [JOBS, id] })
    } catch (error) {
      notifyRefusal(error)
    }
  }
  return (
    <Found query={query} rows={2}>
      {(job) => (
        <Stack>
          <div role="status">
            <Group gap="sm">
              <JobState job={job} /> <Progress job={job} />
            </Group>
          </div>
          {job.status === 'running' && <Text size="sm" c="dimmed">{t('messages.bulk.goesOn')}</Text>}
          {job.status !== 'running' && <Reasons id={id} />}
          <Group justify="flex-end">
            <ButtonLink to="/jobs/$id" params={{ id }} search={(before) => ({ ...before, account: undefined, mode: undefined })} variant="default">
              {t('messages.bulk.job')}
            </ButtonLink>
            {job.status === 'running' ? (
              <Act calls="POST /v1/jobs/{id}/stop" color="red.9" onClick={() => void stop()}>
                {t('desk.stop')}
              </Act>
            ) : (
              <Button onClick={onClose}>{t('parts.done')}</Button>
            )}
          </Group>
        </Stack>
      )}
    </Found>
  )
}

/** Why messages were skipped, the commonest reason first. */
function Reasons({ id }: { id: string }): ReactNode {
  const t = useT()
  const words = useReasonWords()
  const list = useList(SKIPPED, { limit: LISTED }, { path: { id } })
  if (list.rows.length === 0) return null
  return (
    <section aria-labelledby="bulk-reasons">
      <h3 className="o-section" id="bulk-reasons">
        {list.hasNextPage ? t('messages.bulk.firstReasons', { number: LISTED }) : t('messages.bulk.reasons')}
      </h3>
      <ul className="o-bulk-sample">
        {byReason(list.rows).map(([reason, count]) => (
          <li key={reason}>
            <Count value={count} /> · {words(reason)}
          </li>
        ))}
      </ul>
    </section>
  )
}

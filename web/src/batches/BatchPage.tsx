// One batch: how far its messages are, what they wait for now, and the end of those that no carrier has taken.
import { Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { MESSAGES } from '../messages/message'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Facts } from '../parts/Facts'
import { BackToList, FoundPage } from '../parts/FoundPage'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { ButtonLink, TextLink } from '../parts/Link'
import { Named } from '../parts/Named'
import { notify } from '../parts/Notices'
import { PageHead } from '../parts/PageHead'
import { Count, Ident, Money, Time } from '../parts/Values'
import { BATCHES, cancelable, isMoving, type Progress } from './batch'
import { Counts, ProgressBar, WhatNow } from './Progress'
import { BatchState } from './State'

const ConfirmDialog = lazy(() => import('../parts/ConfirmDialog').then((found) => ({ default: found.ConfirmDialog })))

const EVERY_MS = 2_000

export function BatchPage(): ReactNode {
  const { id } = useParams({ from: '/shell/batches/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [BATCHES, id],
    queryFn: ({ signal }) => take(api.GET('/v1/batches/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (found) => (found.state.data !== undefined && isMoving(found.state.data) ? EVERY_MS : false),
  })
  return <FoundPage query={query}>{(batch) => <OneBatch batch={batch} />}</FoundPage>
}

function OneBatch({ batch }: { batch: Progress }): ReactNode {
  const t = useT()
  const format = useFormat()
  const me = useMe()
  const api = useApi()
  const queries = useQueryClient()
  /** How many messages waited when the dialog opened: the number to type stays as it is. */
  const [asks, setAsks] = useState<number | null>(null)
  const waiting = cancelable(batch)
  const cancel = async (): Promise<void> => {
    const { canceled_now: count } = await take(api.POST('/v1/batches/{id}/cancel', { params: { path: { id: batch.id } } }))
    await Promise.all([queries.invalidateQueries({ queryKey: [BATCHES] }), queries.invalidateQueries({ queryKey: [MESSAGES] })])
    notify(t('batches.canceledNow', { number: format.number(count) }))
  }
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={t('batches.one')}
        about={<BatchState batch={batch} />}
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/batches/{id}', path: { id: batch.id } }} />
            <ButtonLink to="/messages" search={{ batch_id: batch.id }} variant="default" leftSection={<Icon name="messages" />}>
              {t('batches.messages')}
            </ButtonLink>
            {(waiting > 0 || batch.accepted_at === null) && (
              <Act calls="POST /v1/batches/{id}/cancel" ends leftSection={<Icon name="stop" />} onClick={() => setAsks(waiting)}>
                {t('batches.cancel')}
              </Act>
            )}
          </>
        }
      />
      <Stack maw="60rem">
        <ProgressBar batch={batch} />
        <Text><WhatNow batch={batch} /></Text>
        <Counts batch={batch} />
        <Facts
          facts={[
            [t('batches.size'), <Count key="size" value={batch.size} />],
            [t('batches.accepted'), <Count key="accepted" value={batch.accepted} />],
            [t('batches.refused'), <Count key="refused" value={batch.refused} />],
            [t('batches.segments'), <Count key="segments" value={batch.segments} />],
            [t('batches.price'), batch.currency === null ? '–' : <Money key="price" amount={batch.price} currency={batch.currency} />],
            [t('batches.made'), <Time key="made" at={batch.created_at} as="absolute" />],
            [t('batches.acceptedAt'), <Time key="acceptedAt" at={batch.accepted_at} as="absolute" never={t('batches.notYet')} />],
            ...(batch.scheduled_at === null ? [] : [[t('batches.scheduledAt'), <Time key="scheduledAt" at={batch.scheduled_at} as="absolute" />] satisfies [string, ReactNode]]),
            ...(batch.canceled_at === null ? [] : [[t('batches.canceledAt'), <Time key="canceledAt" at={batch.canceled_at} as="absolute" />] satisfies [string, ReactNode]]),
            [t('batches.endedAt'), <Time key="endedAt" at={batch.ended_at} as="absolute" never={batch.accepted === 0 && batch.accepted_at !== null ? '–' : t('batches.notYet')} />],
            [t('messages.account'), <Named key="account" id={batch.account_id} />],
            [t('batches.id'), <Ident key="id">{batch.id}</Ident>],
          ]}
        />
        {batch.refused > 0 && (
          <div>
            <Text c="dimmed">{t('batches.refusedAbout')}</Text>
            <TextLink to="/refusals">{t('batches.toRefusals')}</TextLink>
          </div>
        )}
      </Stack>
      <Suspense>
        {asks !== null && (
          <ConfirmDialog title={t('batches.cancelTitle')} action={t('batches.cancel')} typed={me.mode === 'live' && asks > 0 ? String(asks) : undefined} onClose={() => setAsks(null)} onConfirm={cancel}>
            {asks > 0 ? t('batches.cancelAbout', { number: format.number(asks) }) : t('batches.cancelAccepting')}
          </ConfirmDialog>
        )}
      </Suspense>
    </>
  )
}

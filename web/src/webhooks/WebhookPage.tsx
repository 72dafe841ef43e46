// One endpoint: whether it works, its deliveries, and what can be done: test, change, pause, replay.
import { Group } from '@mantine/core'
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
import { notify, notifyRefusal } from '../parts/Notices'
import { WordList } from '../parts/NamedWord'
import { PageHead } from '../parts/PageHead'
import { Ident, ServerWords, Time, Words } from '../parts/Values'
import { Deliveries } from './Deliveries'
import { Strip } from './Strip'
import { Tested, type TestResult } from './Tested'
import { DELIVERIES, placeOf, stateOf, type Webhook, WEBHOOKS, WebhookState, wordOfType } from './webhook'
import './webhooks.css'

const EditWebhook = lazy(() => import('./EditWebhook').then((found) => ({ default: found.EditWebhook })))
const Replay = lazy(() => import('./Replay').then((found) => ({ default: found.Replay })))
const SecretDialog = lazy(() => import('../parts/SecretDialog').then((found) => ({ default: found.SecretDialog })))

export function WebhookPage(): ReactNode {
  const { id } = useParams({ from: '/shell/webhooks/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [WEBHOOKS, id],
    queryFn: () => take(api.GET('/v1/webhooks/{id}', { params: { path: { id } } })),
    refetchInterval: 10_000,
  })
  return <FoundPage query={query}>{(webhook) => <OneWebhook webhook={webhook} />}</FoundPage>
}

function OneWebhook({ webhook }: { webhook: Webhook }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [open, setOpen] = useState<'change' | 'replay' | 'rotate' | 'delete' | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const [tested, setTested] = useState<TestResult | 'busy' | null>(null)
  const path = { id: webhook.id }
  const state = stateOf(webhook)
  const again = async (): Promise<void> => {
    await Promise.all([queries.invalidateQueries({ queryKey: [WEBHOOKS] }), queries.invalidateQueries({ queryKey: [DELIVERIES] })])
  }
  const close = (): void => setOpen(null)

  const test = async (): Promise<void> => {
    setTested('busy')
    try {
      setTested(await take(api.POST('/v1/webhooks/{id}/test', { params: { path } })))
      await again()
    } catch (error) {
      setTested(null)
      notifyRefusal(error)
    }
  }
  const enable = async (enabled: boolean): Promise<void> => {
    try {
      await take(api.PATCH('/v1/webhooks/{id}', { params: { path }, body: { enabled } }))
      await again()
      notify(enabled ? t('webhooks.resumed') : t('webhooks.paused'))
    } catch (error) {
      notifyRefusal(error)
    }
  }
  const rotate = async (): Promise<void> => {
    const made = await take(api.POST('/v1/webhooks/{id}/rotate', { params: { path } }))
    await again()
    setSecret(made.secret ?? '')
  }
  const remove = async (): Promise<void> => {
    await take(api.DELETE('/v1/webhooks/{id}', { params: { path } }))
    await queries.invalidateQueries({ queryKey: [WEBHOOKS], refetchType: 'none' })
    notify(t('webhooks.deleted'))
    void navigate({ to: '/webhooks' })
  }

  return (
    <>
      <PageHead
        before={<BackToList />}
        title={placeOf(webhook.url)}
        about={<WebhookState webhook={webhook} />}
        actions={
          <>
            <Act calls="POST /v1/webhooks/{id}/test" leftSection={<Icon name="send" />} loading={tested === 'busy'} onClick={() => void test()}>
              {t('webhooks.test')}
            </Act>
            <Act calls="POST /v1/webhooks/{id}/replay" variant="default" leftSection={<Icon name="refresh" />} onClick={() => setOpen('replay')}>
              {t('webhooks.replay')}
            </Act>
            <Act calls="PATCH /v1/webhooks/{id}" variant="default" leftSection={<Icon name={state === 'active' || state === 'failing' ? 'pause' : 'play'} />} onClick={() => void enable(state === 'off' || state === 'paused')}>
              {state === 'active' || state === 'failing' ? t('webhooks.pause') : t('webhooks.resume')}
            </Act>
            <Act calls="PATCH /v1/webhooks/{id}" variant="default" leftSection={<Icon name="edit" />} onClick={() => setOpen('change')}>
              {t('webhooks.change')}
            </Act>
          </>
        }
      />
      {tested !== null && tested !== 'busy' && <Tested result={tested} onClose={() => setTested(null)} />}
      <Strip webhook={webhook} />
      <Facts
        facts={[
          [t('webhooks.url'), <Ident key="url">{webhook.url}</Ident>],
          ...(webhook.description === '' ? [] : [[t('webhooks.description'), <Words key="about">{webhook.description}</Words>] satisfies [string, ReactNode]]),
          [t('webhooks.events'), webhook.events.includes('*') ? t('webhooks.allEvents') : <WordList key="events" of={webhook.events.map((type) => ({ name: type, word: wordOfType(type) }))} />],
          ...(webhook.paused_at === null ? [] : [[t('webhooks.pausedSince'), <Paused key="paused" webhook={webhook} />] satisfies [string, ReactNode]]),
          [t('webhooks.made'), <Time key="made" at={webhook.created_at} as="absolute" />],
          [t('webhooks.id'), <Ident key="id">{webhook.id}</Ident>],
        ]}
      />
      <Group gap="xs" mt="md">
        <Act calls="POST /v1/webhooks/{id}/rotate" variant="default" leftSection={<Icon name="key" />} onClick={() => setOpen('rotate')}>
          {t('webhooks.rotate')}
        </Act>
        <Act calls="DELETE /v1/webhooks/{id}" ends leftSection={<Icon name="trash" />} onClick={() => setOpen('delete')}>
          {t('webhooks.delete')}
        </Act>
      </Group>
      <Deliveries webhook={webhook} />
      <Suspense>
        {open === 'change' && <EditWebhook webhook={webhook} onClose={close} />}
        {open === 'replay' && <Replay webhook={webhook} onClose={close} />}
        {secret !== null && <SecretDialog title={t('webhooks.secret')} about={t('webhooks.secretAbout')} what={t('webhooks.secret')} secret={secret} onClose={() => setSecret(null)} />}
      </Suspense>
      {open === 'rotate' && (
        <ConfirmDialog title={t('webhooks.rotateTitle')} action={t('webhooks.rotate')} onClose={close} onConfirm={rotate}>
          {t('webhooks.rotateAbout')}
        </ConfirmDialog>
      )}
      {open === 'delete' && (
        <ConfirmDialog title={t('webhooks.deleteTitle')} action={t('webhooks.delete')} typed={webhook.test ? undefined : hostOf(webhook.url)} onClose={close} onConfirm={remove}>
          {t('webhooks.deleteAbout')}
        </ConfirmDialog>
      )}
    </>
  )
}

function Paused({ webhook }: { webhook: Webhook }): ReactNode {
  return (
    <>
      <Time at={webhook.paused_at} as="absolute" /> {webhook.paused_reason !== null && <ServerWords>{webhook.paused_reason}</ServerWords>}
    </>
  )
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)

// Did my server get it? The endpoints of the account, each with its state and success rate.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { oneOf } from '../app/search'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { type FilterField, FilterBar } from '../parts/FilterBar'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { MoreMenu } from '../parts/MoreMenu'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { StatusBadge } from '../parts/StatusBadge'
import { ListTip } from '../parts/Tip'
import { useList } from '../parts/useList'
import { Count, Ident, Nothing, Time, Words } from '../parts/Values'
import { STATES, type State, stateOf, useFigures, type Webhook, WEBHOOKS, WebhookState, wordOfType } from './webhook'
import './webhooks.css'

const CallbackSecret = lazy(() => import('./CallbackSecret').then((found) => ({ default: found.CallbackSecret })))
const EditWebhook = lazy(() => import('./EditWebhook').then((found) => ({ default: found.EditWebhook })))
const SecretDialog = lazy(() => import('../parts/SecretDialog').then((found) => ({ default: found.SecretDialog })))
/** Below this share of success, the figure is marked: an endpoint counts as failing only after failures in a row. */
const SICK = 0.9
const readState = oneOf(...STATES)

export function WebhooksPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/webhooks' })
  const search = useSearch({ from: '/shell/webhooks' })
  const [secret, setSecret] = useState<string | null>(null)
  const [callback, setCallback] = useState(false)
  const list = useList(WEBHOOKS, { limit: 100 }, { every: 30_000 })
  const shown = search.health === undefined ? list : { ...list, rows: list.rows.filter((webhook) => stateOf(webhook) === search.health) }
  const filter = (state: State | undefined): void => void navigate({ search: (before) => ({ ...before, health: state }) })
  const make = (open: boolean): void => void navigate({ search: (before) => ({ ...before, make: open ? 'true' : undefined }) })

  const columns: Column<Webhook>[] = [
    {
      name: 'url', title: t('webhooks.endpoint'), width: 'minmax(12rem, 2.4fr)',
      cell: (webhook) => (
        <>
          <TextLink to="/webhooks/$id" params={{ id: webhook.id }}>
            <Ident>{webhook.url}</Ident>
          </TextLink>
          {webhook.description !== '' && <span className="o-webhook-about"><Words>{webhook.description}</Words></span>}
        </>
      ),
    },
    { name: 'state', title: t('webhooks.state'), width: '8.5rem', cell: (webhook) => <WebhookState webhook={webhook} /> },
    { name: 'rate', title: t('webhooks.rate'), width: 'minmax(9rem, 1fr)', cell: (webhook) => <Success id={webhook.id} /> },
    { name: 'since', title: t('webhooks.failingSince'), width: '8.5rem', extra: true, cell: (webhook) => (webhook.failing_since === null ? <Nothing /> : <Time at={webhook.failing_since} />) },
    { name: 'events', title: t('webhooks.events'), width: '8.5rem', extra: true, cell: (webhook) => (webhook.events.includes('*') ? t('webhooks.allEvents') : <ListTip words={() => webhook.events.map((type) => wordOfType(type) ?? type)}>{t('webhooks.eventCount', { count: webhook.events.length })}</ListTip>) },
  ]
  const fields: FilterField[] = [
    { name: 'health', label: t('webhooks.state'), kind: 'choice', options: STATES.map((value) => ({ value, label: t(`webhooks.state.${value}`) })) },
  ]
  const makeButton = (
    <Act calls="POST /v1/webhooks" leftSection={<Icon name="plus" />} onClick={() => make(true)}>
      {t('webhooks.make')}
    </Act>
  )

  return (
    <>
      <PageHead
        title={t('webhooks.title')}
        about={t('webhooks.about')}
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/webhooks' }} />
            <MoreMenu
              entries={[
                { label: t('webhooks.types'), icon: 'list', calls: 'GET /v1/event-types', onClick: () => void navigate({ to: '/webhooks/event-types' }) },
                { label: t('webhooks.callback'), icon: 'key', calls: 'GET /v1/webhooks/callback-secret', onClick: () => setCallback(true) },
              ]}
            />
            {makeButton}
          </>
        }
      />
      <FilterBar label={t('webhooks.filter')} fields={fields} value={{ health: search.health }} onChange={({ health }) => filter(readState(health))} />
      <DataList
        list={shown}
        columns={columns}
        label={t('webhooks.title')}
        rowKey={(webhook) => webhook.id}
        rowTone={(webhook) => (webhook.enabled ? undefined : 'faded')}
        empty={<NothingYet icon="webhook" title={t('webhooks.none')} about={t('webhooks.noneAbout')} action={makeButton} />}
        onClear={search.health === undefined ? undefined : () => filter(undefined)}
      />
      <Suspense>
        {search.make === 'true' && <EditWebhook onClose={() => make(false)} onMade={setSecret} />}
        {callback && <CallbackSecret onClose={() => setCallback(false)} />}
        {secret !== null && <SecretDialog title={t('webhooks.secret')} about={t('webhooks.secretAbout')} what={t('webhooks.secret')} secret={secret} onClose={() => setSecret(null)} />}
      </Suspense>
    </>
  )
}

/** The share of attempts of 24 hours that succeeded, with their number: 100 % of one is not 100 % of a thousand. */
function Success({ id }: { id: string }): ReactNode {
  const t = useT()
  const format = useFormat()
  const { data, error } = useFigures(id)
  if (data === undefined) return error ? <Nothing /> : <span aria-hidden="true">…</span>
  if (data.success_rate === null) return <span className="o-webhook-quiet">{t('webhooks.noAttempts')}</span>
  return (
    <span>
      {data.success_rate < SICK ? (
        <StatusBadge tone="bad"><bdi dir="ltr">{format.percent(data.success_rate)}</bdi></StatusBadge>
      ) : (
        <strong><bdi dir="ltr">{format.percent(data.success_rate)}</bdi></strong>
      )}{' '}
      <span className="o-webhook-quiet">
        {t('webhooks.ofCount', { count: data.attempts })}
        {data.waiting > 0 && <> · {t('webhooks.waitingCount')} <Count value={data.waiting} /></>}
      </span>
    </span>
  )
}

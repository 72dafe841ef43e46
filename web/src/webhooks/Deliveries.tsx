// The deliveries of an endpoint, with filters; each opens to its attempts.
import { Group, UnstyledButton } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { oneOf, text } from '../app/search'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { Export } from '../parts/Export'
import { type FilterField, FilterBar, type Filters, isFiltered } from '../parts/FilterBar'
import { IdLink } from '../parts/IdLink'
import { NothingYet } from '../parts/States'
import { NamedWord } from '../parts/NamedWord'
import { useList } from '../parts/useList'
import { Count, ServerWords, Time } from '../parts/Values'
import { DELIVERIES, type Delivery, DeliveryState, type Webhook, wordOfType } from './webhook'

const DeliveryDrawer = lazy(() => import('./DeliveryDrawer').then((found) => ({ default: found.DeliveryDrawer })))
const STATUSES = ['delivered', 'pending', 'failed'] as const
const statusOf = oneOf(...STATUSES)

export function Deliveries({ webhook }: { webhook: Webhook }): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/webhooks/$id' })
  const { status, types, message_id, event_id, delivery } = useSearch({ from: '/shell/webhooks/$id' })
  const query = { status, types, message_id, event_id }
  const list = useList(DELIVERIES, { ...query, limit: 50 }, { path: { id: webhook.id }, every: 5_000 })
  const open = (id: string | undefined): void => void navigate({ search: (before) => ({ ...before, delivery: id }), resetScroll: false })
  const fields: FilterField[] = [
    { name: 'status', label: t('webhooks.state'), kind: 'choice', options: STATUSES.map((value) => ({ value, label: t(`webhooks.status.${value}`) })) },
    { name: 'types', label: t('webhooks.event'), kind: 'text', accepts: (typed) => typed.includes('.') },
    { name: 'message_id', label: t('webhooks.message'), kind: 'text', accepts: (typed) => typed.startsWith('msg_') },
    { name: 'event_id', label: t('webhooks.eventId'), kind: 'text', accepts: (typed) => typed.startsWith('evt_') },
  ]
  const filter = (to: Filters): void =>
    void navigate({
      search: (before) => ({ ...before, status: statusOf(to.status), types: text(to.types), message_id: text(to.message_id), event_id: text(to.event_id) }),
      resetScroll: false,
    })
  const columns: Column<Delivery>[] = [
    {
      name: 'event', title: t('webhooks.event'), width: 'minmax(10rem, 1.2fr)',
      cell: (row) => (
        <UnstyledButton className="o-webhook-open" onClick={() => open(row.id)}>
          <NamedWord name={row.type} word={wordOfType(row.type)} />
        </UnstyledButton>
      ),
    },
    { name: 'status', title: t('webhooks.state'), width: '8rem', cell: (row) => <DeliveryState status={row.status} /> },
    { name: 'answer', title: t('webhooks.answer'), width: 'minmax(8rem, 1.4fr)', cell: (row) => <Answer row={row} /> },
    { name: 'tries', title: t('webhooks.tries'), width: '6rem', extra: true, cell: (row) => <Count value={row.attempts} /> },
    { name: 'message', title: t('webhooks.message'), width: 'minmax(10rem, 1.2fr)', extra: true, cell: (row) => (row.message_id === null ? '–' : <IdLink id={row.message_id} />) },
    { name: 'made', title: t('webhooks.when'), width: '8rem', cell: (row) => <Time at={row.created_at} /> },
  ]

  return (
    <section aria-labelledby="deliveries" className="o-webhook-deliveries">
      <div className="o-webhook-head">
        <h2 id="deliveries">{t('webhooks.deliveries')}</h2>
        <Group gap="xs">
          <CopyAsCode request={{ operation: 'GET /v1/webhooks/{id}/deliveries', path: { id: webhook.id }, query }} />
          <Export path="/v1/webhooks/{id}/deliveries/export" values={{ id: webhook.id }} query={query} name="deliveries" />
        </Group>
      </div>
      <FilterBar label={t('webhooks.filterDeliveries')} fields={fields} value={query} onChange={filter} />
      <DataList
        list={list}
        columns={columns}
        label={t('webhooks.deliveries')}
        rowKey={(row) => row.id}
        empty={<NothingYet icon="webhook" title={t('webhooks.noDeliveries')} about={t('webhooks.noDeliveriesAbout')} />}
        onClear={isFiltered(fields, query) ? () => filter({}) : undefined}
      />
      <Suspense>{delivery !== undefined && <DeliveryDrawer id={delivery} webhook={webhook} onClose={() => open(undefined)} />}</Suspense>
    </section>
  )
}

/** The answer to the last attempt, and when the next one is. */
function Answer({ row }: { row: Delivery }): ReactNode {
  const t = useT()
  return (
    <>
      {row.response_status !== null && <bdi dir="ltr">HTTP {row.response_status}</bdi>} {row.error !== null && row.response_status === null && <ServerWords>{row.error}</ServerWords>}
      {row.response_status === null && row.error === null && '–'}
      {row.next_attempt_at !== null && <span className="o-webhook-about">{t('webhooks.next')} <Time at={row.next_attempt_at} /></span>}
    </>
  )
}

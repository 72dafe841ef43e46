// Where would this message go? The routes in the order in which they are tried, and a message to try on them. The order
// is changed by dragging and by buttons; it counts once it is reviewed and saved.
import { ActionIcon, Button, Group } from '@mantine/core'
import { lazy, type ReactNode, Suspense } from 'react'
import { useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { Icon } from '../parts/Icon'
import { ButtonLink, TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { Count } from '../parts/Values'
import { neverReached } from './order'
import { type Route, useRoutes } from './route'
import { RouteState, Shares, Tokens } from './Told'
import { TryMessage } from './TryMessage'
import { type Ordering, useOrdering } from './useOrdering'
import './routing.css'

const ReviewOrder = lazy(() => import('./ReviewOrder').then((found) => ({ default: found.ReviewOrder })))

export function RoutesPage(): ReactNode {
  const t = useT()
  const list = useRoutes()
  const may = useMay('PUT /v1/routes/order')
  const order = useOrdering(list.rows)
  const unreached = neverReached(order.rows)
  const columns: Column<Route>[] = [
    {
      name: 'name', title: t('routing.name'), width: 'minmax(9rem, 1.1fr)',
      cell: (route) => (
        <span className="o-route-name">
          {may && <Grip of={route} order={order} />}
          <TextLink to="/routes/$id" params={{ id: route.id }}><bdi dir="auto">{route.name}</bdi></TextLink>
        </span>
      ),
    },
    { name: 'match', title: t('routing.match'), width: 'minmax(13rem, 2.5fr)', cell: (route) => <Tokens match={route.match} /> },
    { name: 'carriers', title: t('routing.carriers'), width: 'minmax(11rem, 1.6fr)', cell: (route) => <Shares carriers={route.carriers} links /> },
    { name: 'priority', title: t('routing.priority'), width: '4.5rem', align: 'end', extra: true, cell: (route) => <Count value={route.priority} /> },
    {
      name: 'state', title: t('routing.state'), width: '8rem',
      cell: (route) => (
        <>
          <RouteState enabled={route.enabled} />
          {route.enabled && unreached.has(route.id) && <small className="o-unreached">{t('routing.unreached')}</small>}
        </>
      ),
    },
    ...(may ? [{ name: 'move', title: t('routing.move'), width: '5.5rem', align: 'end', cell: (route: Route) => <Movers of={route} order={order} /> } satisfies Column<Route>] : []),
  ]
  const make = (
    <ButtonLink to="/routes/new" leftSection={<Icon name="plus" />}>
      {t('routing.make')}
    </ButtonLink>
  )
  return (
    <>
      <PageHead
        title={t('routing.title')}
        about={t('routing.about')}
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/routes' }} />
            {may && make}
          </>
        }
      />
      <TryMessage />
      <h2 className="o-routing-head">{t('routing.inOrder')}</h2>
      <DataList
        list={{ ...list, rows: order.rows }}
        columns={columns}
        label={t('routing.title')}
        rowKey={(route) => route.id}
        rowTone={(route) => (route.enabled ? undefined : 'faded')}
        rowProps={(_, place) => order.dropProps(place)}
        empty={<NothingYet icon="route" title={t('routing.none')} about={t('routing.noneAbout')} action={may ? make : undefined} />}
      />
      <span className="o-visually-hidden" role="status">{order.said}</span>
      {order.moves > 0 && (
        <div className="o-order-bar" role="region" aria-label={t('routing.newOrder')}>
          <Group justify="space-between" gap="sm">
            <span>
              <Icon name="info" size={16} /> {t('routing.moves', { count: order.moves })}
            </span>
            <Group gap="xs">
              <Button variant="default" onClick={order.discard}>{t('routing.discard')}</Button>
              <Button onClick={() => order.setReviewing(true)}>{t('routing.review')}</Button>
            </Group>
          </Group>
        </div>
      )}
      <Suspense>{order.reviewing && <ReviewOrder order={order} now={list} />}</Suspense>
    </>
  )
}

/** A handle for the mouse. Who has none uses the buttons, so it is silent. */
function Grip({ of, order }: { of: Route; order: Ordering }): ReactNode {
  return (
    <span className="o-grip" aria-hidden="true" {...order.dragProps(of.id)}>
      <Icon name="grip" size={16} />
    </span>
  )
}

/** The buttons that move a route. At the ends they stay in the order of Tab, so that the focus is not lost. */
function Movers({ of, order }: { of: Route; order: Ordering }): ReactNode {
  const t = useT()
  const place = order.rows.findIndex(({ id }) => id === of.id)
  const button = (to: number, name: 'up' | 'down'): ReactNode => {
    const ends = to < 0 || to >= order.rows.length
    return (
      <ActionIcon
        id={`${name}-${of.id}`}
        variant="default"
        aria-label={t(`routing.${name}`, { name: of.name })}
        aria-disabled={ends || undefined}
        data-disabled={ends || undefined}
        onClick={() => !ends && order.move(of.id, to - place, `${name}-${of.id}`)}
      >
        <Icon name={name} size={16} />
      </ActionIcon>
    )
  }
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      {button(place - 1, 'up')}
      {button(place + 1, 'down')}
    </Group>
  )
}

// The last look at a new order of the routes; all of them are changed at once, or none.
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { isRefusal } from '../api/problem'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { notify } from '../parts/Notices'
import type { List } from '../parts/useList'
import { OrderDifference } from './Difference'
import { since } from './order'
import { Review } from './Review'
import { type Route, ROUTES } from './route'
import type { Ordering } from './useOrdering'

export function ReviewOrder({ order, now }: { order: Ordering; now: List<Route> }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [theirs, setTheirs] = useState<readonly Route[] | null>(null)
  const { rows, seen } = order
  const close = (): void => order.setReviewing(false)
  if (seen === null) return null
  const body = { routes: rows.map(({ name, version }) => ({ route: name, version })) }
  const save = async (): Promise<void> => {
    // By id: a name may have gone over to another route meanwhile.
    const routes = rows.map(({ id, version }) => ({ route: id, version }))
    try {
      await take(api.PUT('/v1/routes/order', { body: { routes } }))
    } catch (error) {
      // A route that is gone or new is as much a change of others as another version.
      if (!isRefusal(error, 'precondition_failed') && !isRefusal(error, 'invalid_field')) throw error
      const { data } = await now.refetch()
      const found = data?.pages.flatMap((page) => page.data) ?? []
      const { made, gone, changed } = since(seen, found)
      if (made.length + gone.length + changed.length === 0) throw error
      void queries.invalidateQueries({ queryKey: [ROUTES, 'simulate'] })
      setTheirs(found)
      return
    }
    await queries.invalidateQueries({ queryKey: [ROUTES] })
    order.done()
    notify(t('routing.ordered'))
  }
  const keep = (): void => {
    if (theirs !== null) order.rebase(theirs)
    setTheirs(null)
  }
  return (
    <Review
      title={t('routing.newOrder')}
      action={t('routing.saveOrder')}
      calls="PUT /v1/routes/order"
      request={{ operation: 'PUT /v1/routes/order', body }}
      draft={{ order: rows.map(({ id }) => id) }}
      onSave={save}
      onClose={close}
      conflict={theirs === null ? undefined : { about: t('routing.othersChanged'), changes: <Others seen={seen} now={theirs} />, onMine: keep, onTheirs: order.discard }}
    >
      <OrderDifference before={seen} after={rows} />
    </Review>
  )
}

function Others({ seen, now }: { seen: readonly Route[]; now: readonly Route[] }): ReactNode {
  const t = useT()
  const { made, gone, changed } = since(seen, now)
  const line = (id: 'routing.isNew' | 'routing.isGone' | 'routing.isChanged', routes: readonly Route[]): ReactNode =>
    routes.map((route) => <li key={route.id}>{t(id, { name: route.name })}</li>)
  return (
    <ul className="o-others">
      {line('routing.isNew', made)}
      {line('routing.isGone', gone)}
      {line('routing.isChanged', changed.map(([, after]) => after))}
    </ul>
  )
}

// One route: change it or remove it. Before either counts, the difference is shown, and what it would have done with
// the messages of the last day. If another operator changed the route meanwhile, the person chooses.
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { isRefusal } from '../api/problem'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { BackToList, FoundPage } from '../parts/FoundPage'
import { Icon } from '../parts/Icon'
import { notify } from '../parts/Notices'
import { PageHead } from '../parts/PageHead'
import { Difference } from './Difference'
import { type Body, bodyOf, differences, merged, normal, patchOf, valuesOf } from './draft'
import { type Route, ROUTES } from './route'
import { RouteForm, useRouteForm } from './RouteForm'
import { RouteState } from './Told'
import { tomlOf } from './toml'
import './routing.css'

const Review = lazy(() => import('./Review').then((found) => ({ default: found.Review })))

export function RoutePage(): ReactNode {
  const { id } = useParams({ from: '/shell/routes/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [ROUTES, 'one', id],
    queryFn: ({ signal }) => take(api.GET('/v1/routes/{id}', { params: { path: { id } }, signal })),
  })
  return <FoundPage query={query}>{(route) => <OneRoute key={route.id} read={route} again={async () => (await query.refetch()).data} />}</FoundPage>
}

type Open = { what: 'change'; body: Body } | { what: 'remove' } | null

/** The route is as it was when the page was opened, so that what others change meanwhile is noticed. */
function OneRoute({ read, again }: { read: Route; again: () => Promise<Route | undefined> }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [base, setBase] = useState(read)
  const [open, setOpen] = useState<Open>(null)
  const [theirs, setTheirs] = useState<Route | null>(null)
  const form = useRouteForm(valuesOf(base), base.id, (body) => setOpen({ what: 'change', body }))
  const before = normal(base)
  const mine = bodyOf(form.values)
  const changed = differences(before, mine).length > 0
  const params = { path: { id: base.id }, header: { 'if-match': `"${base.version}"` } }

  const close = (): void => {
    setOpen(null)
    setTheirs(null)
  }
  /** Refused because of another version: read that one, and show what others made of it. */
  const guarded = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act()
    } catch (error) {
      if (!isRefusal(error, 'precondition_failed')) throw error
      const found = await again()
      if (found === undefined) throw error
      void queries.invalidateQueries({ queryKey: [ROUTES, 'simulate'] })
      setTheirs(found)
    }
  }
  const start = (from: Route): void => {
    setBase(from)
    form.reset(valuesOf(from))
    close()
  }
  const change = (body: Body): Promise<void> =>
    guarded(async () => {
      const found = await take(api.PATCH('/v1/routes/{id}', { params, body: patchOf(before, body) }))
      await queries.invalidateQueries({ queryKey: [ROUTES] })
      start(found)
      notify(t('routing.saved', { name: found.name }))
    })
  const remove = (): Promise<void> =>
    guarded(async () => {
      await take(api.DELETE('/v1/routes/{id}', { params }))
      notify(t('routing.removed', { name: base.name }))
      await navigate({ to: '/routes' })
      queries.removeQueries({ queryKey: [ROUTES, 'one', base.id] })
      await queries.invalidateQueries({ queryKey: [ROUTES] })
    })
  /** What I changed, on top of their version. */
  const keepMine = (): void => {
    if (theirs === null || open === null) return
    const now = normal(theirs)
    const body = open.what === 'change' ? merged(before, now, open.body) : now
    setBase(theirs)
    form.reset(valuesOf(theirs))
    form.change(valuesOf(body))
    setTheirs(null)
    setOpen(open.what === 'change' ? { what: 'change', body } : open)
  }
  const conflict = theirs === null ? undefined : {
    about: t('routing.otherChanged'), changes: <Difference before={before} after={normal(theirs)} />, onMine: keepMine, onTheirs: () => start(theirs),
  }
  const path = { id: base.name }
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={base.name}
        about={<RouteState enabled={base.enabled} />}
        actions={
          <>
            <CopyAsCode request={changed ? { operation: 'PATCH /v1/routes/{id}', path, body: patchOf(before, mine), file: tomlOf(mine) } : { operation: 'GET /v1/routes/{id}', path, file: tomlOf(before) }} />
            <Act calls="DELETE /v1/routes/{id}" ends leftSection={<Icon name="trash" />} onClick={() => setOpen({ what: 'remove' })}>
              {t('routing.remove')}
            </Act>
          </>
        }
      />
      <RouteForm form={form} actions={changed && <Button variant="default" onClick={() => form.reset(valuesOf(base))}>{t('routing.discard')}</Button>} />
      <Suspense>
        {open?.what === 'change' && (
          <Review
            title={t('routing.reviewOf', { name: base.name })}
            action={t('routing.save')}
            calls="PATCH /v1/routes/{id}"
            request={{ operation: 'PATCH /v1/routes/{id}', path, body: patchOf(before, open.body), file: tomlOf(open.body) }}
            draft={{ routes: [{ ...open.body, id: base.id }] }}
            conflict={conflict}
            onSave={() => change(open.body)}
            onClose={close}
          >
            <Difference before={before} after={open.body} />
          </Review>
        )}
        {open?.what === 'remove' && (
          <Review
            title={t('routing.removeTitle', { name: base.name })}
            action={t('routing.remove')}
            calls="DELETE /v1/routes/{id}"
            request={{ operation: 'DELETE /v1/routes/{id}', path }}
            draft={{ remove: [base.id] }}
            gone
            conflict={conflict}
            onSave={remove}
            onClose={close}
          >
            <Difference before={before} after={null} />
          </Review>
        )}
      </Suspense>
    </>
  )
}

// A new route: its form, and the review of what it would change.
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { BackToList } from '../parts/FoundPage'
import { ButtonLink } from '../parts/Link'
import { notify } from '../parts/Notices'
import { PageHead } from '../parts/PageHead'
import { Difference } from './Difference'
import { type Body, bodyOf, EMPTY } from './draft'
import { ROUTES } from './route'
import { RouteForm, useRouteForm } from './RouteForm'
import { tomlOf } from './toml'
import './routing.css'

const Review = lazy(() => import('./Review').then((found) => ({ default: found.Review })))

export function NewRoutePage(): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [reviewed, setReviewed] = useState<Body | null>(null)
  const form = useRouteForm(EMPTY, null, setReviewed)
  const save = async (): Promise<void> => {
    if (reviewed === null) return
    const made = await take(api.POST('/v1/routes', { body: reviewed }))
    await queries.invalidateQueries({ queryKey: [ROUTES] })
    notify(t('routing.made', { name: made.name }))
    await navigate({ to: '/routes/$id', params: { id: made.id } })
  }
  const request = (body: Body) => ({ operation: 'POST /v1/routes', body, file: tomlOf(body) }) as const
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={t('routing.make')}
        about={t('routing.makeAbout')}
        actions={<CopyAsCode request={request(bodyOf(form.values))} />}
      />
      <RouteForm form={form} actions={<ButtonLink to="/routes" variant="default">{t('parts.cancel')}</ButtonLink>} />
      <Suspense>
        {reviewed !== null && (
          <Review
            title={t('routing.reviewOf', { name: reviewed.name })}
            action={t('routing.makeDo')}
            calls="POST /v1/routes"
            request={request(reviewed)}
            draft={{ routes: [{ ...reviewed, id: null }] }}
            onSave={save}
            onClose={() => setReviewed(null)}
          >
            <Difference before={null} after={reviewed} />
          </Review>
        )}
      </Suspense>
    </>
  )
}

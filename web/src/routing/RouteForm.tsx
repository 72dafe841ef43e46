// The form of a route: its name, what it matches, its carriers, its priority, and whether it is on. It leads to the
// review; a draft that cannot be is refused here, at its field.
import { Button, NumberInput, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense } from 'react'
import { isRefusal, Refusal } from '../api/problem'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { type Form, useForm } from '../parts/useForm'
import { Waiting } from '../parts/States'
import { ServerWords } from '../parts/Values'
import { CarrierFields } from './CarrierFields'
import { type Body, bodyOf, type Values } from './draft'
import { dryRun } from './DryRun'

const MatchFields = lazy(() => import('./MatchFields').then((found) => ({ default: found.MatchFields })))

/** `id` is that of the route that is changed. The draft is tried before it is reviewed. */
export function useRouteForm(initial: Values, id: string | null, onReview: (body: Body) => void): Form<Values> {
  const api = useApi()
  const queries = useQueryClient()
  return useForm<Values>({
    initial,
    send: async (values) => {
      const body = bodyOf(values)
      try {
        await queries.fetchQuery(dryRun(api, { routes: [{ ...body, id }] }))
      } catch (error) {
        throw isRefusal(error) ? atField(error) : error
      }
      onReview(body)
      return false
    },
  })
}

/** The same refusal at the field of the form: a dry run calls it `routes[0].name`. */
const atField = ({ problem, retryAfter }: Refusal): Refusal =>
  new Refusal({ ...problem, param: problem.param?.replace(/^routes\[0\]\./, '') ?? null }, retryAfter)

type Props = { form: Form<Values>; actions: ReactNode }

export function RouteForm({ form, actions }: Props): ReactNode {
  const t = useT()
  const { values, refusal } = form
  const errorAt = (path: string): ReactNode => {
    const param = refusal?.param ?? null
    const there = param === path || param?.startsWith(`${path}[`) === true || param?.startsWith(`${path}.`) === true
    return there && refusal !== null ? <ServerWords>{refusal.problem.detail}</ServerWords> : null
  }
  return (
    <form {...form.props} className="o-route-form">
      <Stack gap="xl">
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput {...form.field('name')} label={t('routing.name')} description={t('routing.nameAbout')} maxLength={100} dir="ltr" autoComplete="off" />
          <NumberInput {...form.field('priority')} label={t('routing.priority')} description={t('routing.priorityAbout')} min={0} max={1_000_000} allowDecimal={false} clampBehavior="none" hideControls />
        </SimpleGrid>
        <section aria-labelledby="route-match">
          <h2 id="route-match" className="o-section">{t('routing.match')}</h2>
          <Suspense fallback={<Waiting rows={2} height={30} />}>
            <MatchFields value={values.match} onChange={(match) => form.change({ match })} errorAt={errorAt} />
          </Suspense>
        </section>
        <section aria-labelledby="route-carriers">
          <h2 id="route-carriers" className="o-section">{t('routing.carriers')}</h2>
          <CarrierFields value={values.carriers} onChange={(carriers) => form.change({ carriers })} error={errorAt('carriers')} />
        </section>
        <Switch {...form.check('enabled')} label={t('routing.enabled')} description={t('routing.enabledAbout')} />
        <FormErrors form={form} />
        <FormActions>
          <Button type="submit" loading={form.busy}>{t('routing.review')}</Button>
          {actions}
        </FormActions>
      </Stack>
    </form>
  )
}

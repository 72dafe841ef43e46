// The pages of alerts.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf, text } from '../app/search'
import { needTexts } from '../i18n/i18n'
import { needSentences } from '../i18n/sentences'

export const alertsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'alerts',
  /** `show` is the tab; without it, what fires. `rule` opens the form of that rule. */
  validateSearch: searchOf({ show: oneOf('history', 'rules'), rule: text }),
  staticData: { title: 'alerts.title', reads: 'GET /v1/alerts' },
  loader: () => Promise.all([needTexts('alerts'), needSentences('alerts')]),
  component: lazyRouteComponent(() => import('./AlertsPage'), 'AlertsPage'),
})

export const alertRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'alerts/$id',
  staticData: { title: 'alerts.title', reads: 'GET /v1/alerts' },
  loader: () => Promise.all([needTexts('alerts'), needSentences('alerts')]),
  component: lazyRouteComponent(() => import('./AlertPage'), 'AlertPage'),
})

export const alertRoutes = [alertsRoute, alertRoute] as const

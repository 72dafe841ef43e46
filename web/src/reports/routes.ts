// The pages of saved reports.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf, text, texts, whole } from '../app/search'
import { needTexts } from '../i18n/i18n'

export const reportsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'reports',
  /** `make` opens the form for a new report; the others are what stands in it, so that a chart can lead there. */
  validateSearch: searchOf({
    make: oneOf('true'), by: text, step: oneOf('hour', 'day', 'month'), zone: text, times: oneOf('true'), below: oneOf('true'),
    only: texts, last: whole, unit: oneOf('hour', 'day', 'week', 'month'),
  }),
  staticData: { title: 'reports.title', reads: 'GET /v1/reports/saved' },
  loader: () => needTexts('reports'),
  component: lazyRouteComponent(() => import('./ReportsPage'), 'ReportsPage'),
})

export const reportRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'reports/$id',
  staticData: { title: 'reports.title', reads: 'GET /v1/reports/saved' },
  loader: () => needTexts('reports'),
  component: lazyRouteComponent(() => import('./ReportPage'), 'ReportPage'),
})

export const reportRoutes = [reportsRoute, reportRoute] as const

// The pages of figures: analytics, and reports that are saved.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { needTexts } from '../i18n/i18n'
import { analyticsSearch } from './search'

export const analyticsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'analytics',
  validateSearch: analyticsSearch,
  staticData: { title: 'analytics.title', reads: 'GET /v1/reports/messages' },
  loader: () => needTexts('analytics', 'messages'),
  component: lazyRouteComponent(() => import('./AnalyticsPage'), 'AnalyticsPage'),
})

export const analyticsRoutes = [analyticsRoute] as const

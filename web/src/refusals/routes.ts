// The page of refusals.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { needTexts } from '../i18n/i18n'
import { refusalsSearch } from './search'

export const refusalsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'refusals',
  validateSearch: refusalsSearch,
  staticData: { title: 'refusals.title', reads: 'GET /v1/refusals' },
  loader: () => needTexts('refusals'),
  component: lazyRouteComponent(() => import('./RefusalsPage'), 'RefusalsPage'),
})

export const refusalRoutes = [refusalsRoute] as const

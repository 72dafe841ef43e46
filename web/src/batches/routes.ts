// The pages of batches: the messages of one call.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { needTexts } from '../i18n/i18n'
import { batchesSearch } from './search'

export const batchesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'batches',
  validateSearch: batchesSearch,
  staticData: { title: 'batches.title', reads: 'GET /v1/batches' },
  loader: () => needTexts('batches', 'messages'),
  component: lazyRouteComponent(() => import('./BatchesPage'), 'BatchesPage'),
})

export const batchRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'batches/$id',
  staticData: { title: 'batches.title', reads: 'GET /v1/batches' },
  loader: () => needTexts('batches', 'messages'),
  component: lazyRouteComponent(() => import('./BatchPage'), 'BatchPage'),
})

export const batchRoutes = [batchesRoute, batchRoute] as const

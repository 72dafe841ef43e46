// The pages of routes.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf, text } from '../app/search'
import { needTexts } from '../i18n/i18n'
import { CLASSES } from '../messages/shape'

export const routesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'routes',
  /** The message that is tried: a link to the page shows the same answer. */
  validateSearch: searchOf({ to: text, from: text, class: oneOf(...CLASSES) }),
  staticData: { title: 'routing.title', reads: 'GET /v1/routes' },
  loader: () => needTexts('routing'),
  component: lazyRouteComponent(() => import('./RoutesPage'), 'RoutesPage'),
})

export const newRouteRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'routes/new',
  staticData: { title: 'routing.make', reads: 'POST /v1/routes' },
  loader: () => needTexts('routing'),
  component: lazyRouteComponent(() => import('./NewRoutePage'), 'NewRoutePage'),
})

export const routeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'routes/$id',
  staticData: { title: 'routing.title', reads: 'GET /v1/routes' },
  loader: () => needTexts('routing'),
  component: lazyRouteComponent(() => import('./RoutePage'), 'RoutePage'),
})

export const routingRoutes = [routesRoute, newRouteRoute, routeRoute] as const

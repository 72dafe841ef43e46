// The pages of carriers.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf, text } from '../app/search'
import { needTexts } from '../i18n/i18n'

export const carriersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'carriers',
  staticData: { title: 'carriers.title', reads: 'GET /v1/carrier-states' },
  loader: () => needTexts('carriers', 'messages'),
  component: lazyRouteComponent(() => import('./CarriersPage'), 'CarriersPage'),
})

export const newCarrierRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'carriers/new',
  /** `type` is the chosen type; `like` a carrier whose settings the form begins with. */
  validateSearch: searchOf({ type: text, like: text }),
  staticData: { title: 'carriers.make', reads: 'GET /v1/carrier-types' },
  loader: () => needTexts('carriers'),
  component: lazyRouteComponent(() => import('./CarrierFormPage'), 'NewCarrierPage'),
})

export const changeCarrierRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'carriers/$id/change',
  staticData: { title: 'carriers.title', reads: 'GET /v1/carrier-types' },
  loader: () => needTexts('carriers'),
  component: lazyRouteComponent(() => import('./CarrierFormPage'), 'ChangeCarrierPage'),
})

export const carrierRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'carriers/$id',
  /** `tab` is the tab; without it, what the carrier does now. */
  validateSearch: searchOf({ tab: oneOf('settings') }),
  staticData: { title: 'carriers.title', reads: 'GET /v1/carrier-states' },
  loader: () => needTexts('carriers', 'messages'),
  component: lazyRouteComponent(() => import('./CarrierPage'), 'CarrierPage'),
})

export const carrierRoutes = [carriersRoute, newCarrierRoute, carrierRoute, changeCarrierRoute] as const

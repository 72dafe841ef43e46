// The pages of API keys.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf } from '../app/search'
import { needTexts } from '../i18n/i18n'

export const keysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'keys',
  /** `make` opens the form for a new key, so that other pages can lead there. */
  validateSearch: searchOf({ state: oneOf('active', 'expired', 'revoked'), make: oneOf('true') }),
  staticData: { title: 'keys.title', reads: 'GET /v1/keys' },
  loader: () => needTexts('keys', 'rights'),
  component: lazyRouteComponent(() => import('./KeysPage'), 'KeysPage'),
})

export const keyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'keys/$id',
  staticData: { title: 'keys.title', reads: 'GET /v1/keys' },
  loader: () => needTexts('keys', 'rights'),
  component: lazyRouteComponent(() => import('./KeyPage'), 'KeyPage'),
})

export const keyRoutes = [keysRoute, keyRoute] as const

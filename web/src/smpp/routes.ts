// The pages of SMPP: credentials, live binds, refused binds; one credential.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf } from '../app/search'
import { needTexts } from '../i18n/i18n'

export const smppRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'smpp',
  /** `make` opens the form for a new credential, so that other pages can lead there. */
  validateSearch: searchOf({ tab: oneOf('binds', 'refused'), state: oneOf('active', 'expired', 'revoked'), make: oneOf('true') }),
  staticData: { title: 'smpp.title', reads: 'GET /v1/smpp-credentials' },
  loader: () => needTexts('smpp'),
  component: lazyRouteComponent(() => import('./SmppPage'), 'SmppPage'),
})

export const credentialRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'smpp/$id',
  staticData: { title: 'smpp.title', reads: 'GET /v1/smpp-credentials' },
  loader: () => needTexts('smpp'),
  component: lazyRouteComponent(() => import('./CredentialPage'), 'CredentialPage'),
})

export const smppRoutes = [smppRoute, credentialRoute] as const

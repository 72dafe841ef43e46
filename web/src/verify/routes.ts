// The pages of verifications.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { needTexts } from '../i18n/i18n'
import { verifySearch } from './search'

export const verifyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'verify',
  validateSearch: verifySearch,
  staticData: { title: 'verify.title', reads: 'GET /v1/verifications' },
  loader: () => needTexts('verify'),
  component: lazyRouteComponent(() => import('./VerifyPage'), 'VerifyPage'),
})

export const verificationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'verify/$id',
  staticData: { title: 'verify.title', reads: 'GET /v1/verifications' },
  loader: () => needTexts('verify'),
  component: lazyRouteComponent(() => import('./VerificationPage'), 'VerificationPage'),
})

export const verifyRoutes = [verifyRoute, verificationRoute] as const

// The business profile of the account; for operators, also those of all accounts.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf } from '../app/search'
import { needTexts } from '../i18n/i18n'
import { SHOWN } from './search'

export const profileRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'profile',
  /** `view=queue` are the profiles of all accounts, `state` those in one state; without it, those that were submitted. */
  validateSearch: searchOf({ view: oneOf('queue'), state: oneOf(...SHOWN) }),
  staticData: { title: 'profile.title', reads: 'GET /v1/profiles/{account_id}' },
  loader: () => needTexts('profile'),
  component: lazyRouteComponent(() => import('./ProfilePage'), 'ProfilePage'),
})

export const accountProfileRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'profile/$id',
  staticData: { title: 'profile.title', reads: 'POST /v1/profiles/{account_id}/decide' },
  loader: () => needTexts('profile'),
  component: lazyRouteComponent(() => import('./AccountProfilePage'), 'AccountProfilePage'),
})

export const profileRoutes = [profileRoute, accountProfileRoute] as const

// The pages of accounts, for operators.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf, text } from '../app/search'
import { needTexts } from '../i18n/i18n'
import { STATES } from './states'

export const accountsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'accounts',
  /** `make` opens the form for a new account, below `parent_id` if it is set. */
  validateSearch: searchOf({ parent_id: text, state: oneOf(...STATES), make: oneOf('true') }),
  staticData: { title: 'accounts.title', reads: 'GET /v1/accounts' },
  loader: () => needTexts('accounts'),
  component: lazyRouteComponent(() => import('./AccountsPage'), 'AccountsPage'),
})

export const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'accounts/$id',
  staticData: { title: 'accounts.title', reads: 'GET /v1/accounts' },
  loader: () => needTexts('accounts'),
  component: lazyRouteComponent(() => import('./AccountPage'), 'AccountPage'),
})

export const accountRoutes = [accountsRoute, accountRoute] as const

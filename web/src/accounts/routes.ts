// The pages of accounts: one's own, those below it, and every account for operators.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf } from '../app/search'
import { needTexts } from '../i18n/i18n'
import { listShape, oneShape } from './search'

export const ownAccountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'account',
  validateSearch: searchOf(oneShape),
  staticData: { title: 'accounts.own', reads: 'GET /v1/account' },
  loader: () => needTexts('accounts'),
  component: lazyRouteComponent(() => import('./OwnAccountPage'), 'OwnAccountPage'),
})

export const subaccountsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'subaccounts',
  validateSearch: searchOf(listShape),
  staticData: { title: 'accounts.sub.title', reads: 'GET /v1/subaccounts' },
  loader: () => needTexts('accounts'),
  component: lazyRouteComponent(() => import('./SubaccountsPage'), 'SubaccountsPage'),
})

export const subaccountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'subaccounts/$id',
  validateSearch: searchOf(oneShape),
  staticData: { title: 'accounts.sub.title', reads: 'GET /v1/subaccounts' },
  loader: () => needTexts('accounts'),
  component: lazyRouteComponent(() => import('./SubaccountPage'), 'SubaccountPage'),
})

export const accountsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'accounts',
  /** `list=retention` shows how long the data of each account is kept. */
  validateSearch: searchOf({ ...listShape, list: oneOf('retention') }),
  staticData: { title: 'accounts.title', reads: 'GET /v1/accounts' },
  loader: () => needTexts('accounts'),
  component: lazyRouteComponent(() => import('./AccountsPage'), 'AccountsPage'),
})

export const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'accounts/$id',
  validateSearch: searchOf(oneShape),
  staticData: { title: 'accounts.title', reads: 'GET /v1/accounts' },
  loader: () => needTexts('accounts'),
  component: lazyRouteComponent(() => import('./AccountPage'), 'AccountPage'),
})

export const accountRoutes = [ownAccountRoute, subaccountsRoute, subaccountRoute, accountsRoute, accountRoute] as const

// The pages of users, their invitations and roles.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf } from '../app/search'
import { needTexts } from '../i18n/i18n'

export const usersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'users',
  /** `invite` opens the form for an invitation, so that other pages can lead there. */
  validateSearch: searchOf({ view: oneOf('invitations', 'roles'), invite: oneOf('true') }),
  staticData: { title: 'users.title', reads: 'GET /v1/users' },
  loader: () => needTexts('users', 'rights'),
  component: lazyRouteComponent(() => import('./UsersPage'), 'UsersPage'),
})

export const userRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'users/$id',
  staticData: { title: 'users.title', reads: 'GET /v1/users' },
  loader: () => needTexts('users', 'rights'),
  component: lazyRouteComponent(() => import('./UserPage'), 'UserPage'),
})

export const userRoutes = [usersRoute, userRoute] as const

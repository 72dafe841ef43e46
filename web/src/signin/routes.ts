// The pages by which one comes in. They need no session.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/roots'
import { searchOf, text } from '../app/search'
import { needTexts } from '../i18n/i18n'

const texts = (): Promise<void> => needTexts('signin')

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'sign-in',
  /** `to` is where one wanted to go. */
  validateSearch: searchOf({ to: text }),
  loader: texts,
  component: lazyRouteComponent(() => import('./SignInPage'), 'SignInPage'),
})

const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'setup',
  loader: texts,
  component: lazyRouteComponent(() => import('./SetupPage'), 'SetupPage'),
})

const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'invitation',
  loader: texts,
  component: lazyRouteComponent(() => import('./InvitationPage'), 'InvitationPage'),
})

const forgottenRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'forgotten',
  loader: texts,
  component: lazyRouteComponent(() => import('./ForgottenPage'), 'ForgottenPage'),
})

const resetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'reset',
  loader: texts,
  component: lazyRouteComponent(() => import('./ResetPage'), 'ResetPage'),
})

const emailRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'email',
  loader: texts,
  component: lazyRouteComponent(() => import('./EmailPage'), 'EmailPage'),
})

export const signInRoutes = [signInRoute, setupRoute, invitationRoute, forgottenRoute, resetRoute, emailRoute] as const

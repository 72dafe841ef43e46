// The pages of the network desk: pauses and jobs.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf, text } from '../app/search'
import { needTexts } from '../i18n/i18n'
import { KINDS, MODES } from './desk'

export const pausesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'pauses',
  /** `how` is the API's `mode`: in the URL of the console, `mode` is live or test. `make` opens the form for a thing of
   * this kind, `of` says which one: so other pages lead there. */
  validateSearch: searchOf({ kind: oneOf(...KINDS), how: oneOf(...MODES), make: oneOf(...KINDS), of: text }),
  staticData: { title: 'desk.pauses', reads: 'GET /v1/pauses' },
  loader: () => needTexts('desk'),
  component: lazyRouteComponent(() => import('./PausesPage'), 'PausesPage'),
})

export const jobsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'jobs',
  /** `make` opens the form for a new job; with `carrier`, for sending another way what waits for it: so other pages
   * lead there. */
  validateSearch: searchOf({ make: oneOf('true'), carrier: text }),
  staticData: { title: 'desk.jobs', reads: 'GET /v1/jobs' },
  loader: () => needTexts('desk'),
  component: lazyRouteComponent(() => import('./JobsPage'), 'JobsPage'),
})

export const jobRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'jobs/$id',
  staticData: { title: 'desk.jobs', reads: 'GET /v1/jobs' },
  loader: () => needTexts('desk'),
  component: lazyRouteComponent(() => import('./JobPage'), 'JobPage'),
})

export const deskRoutes = [pausesRoute, jobsRoute, jobRoute] as const

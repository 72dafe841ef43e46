// The two routes below which all pages are: the root, and the shell for who is signed in; and what is at every other path.
import { createRootRoute, createRoute, lazyRouteComponent, Outlet, redirect, retainSearchParams } from '@tanstack/react-router'
import type { Operation } from '../api/scopes'
import { isRefusal } from '../api/problem'
import type { Id } from '../i18n/ids'
import { Shell } from '../shell/Shell'
import { Crashed } from './Crashed'
import { followServer } from './following'
import { painted } from './painted'
import { oneOf, searchOf, text } from './search'
import { readMe, type Session, sessionOf } from './session'
import type { Where } from './where'

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** The text of the page's heading, and of the title of its window. */
    title?: Id
    /** What the page reads first. Who may not call it gets the state "forbidden" in place of the page. */
    reads?: Operation
    /** Begins to read what the page shows first, while the page's program is still on its way. Only for who may. */
    ahead?: (session: Session, search: object, params: Record<string, string>) => Promise<void>
  }
}

export const rootRoute = createRootRoute({
  validateSearch: searchOf({ account: text, mode: oneOf('test') }),
  search: { middlewares: [retainSearchParams(['account', 'mode'])] },
  component: Outlet,
  errorComponent: ({ error }) => <Crashed error={error} />,
})

export const whereOf = (search: { account?: string; mode?: 'test' }): Where => ({
  account: search.account,
  mode: search.mode ?? 'live',
})

/** Pages of who is signed in: with navigation, mode bar and search. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  beforeLoad: async ({ search, location, preload }) => {
    try {
      const [me] = await Promise.all([readMe(sessionOf(whereOf(search))), followServer(), preload ? null : painted()])
      return { me }
    } catch (error) {
      if (isRefusal(error, 'unauthorized') || isRefusal(error, 'session_ended')) {
        throw redirect({ to: '/sign-in', search: { to: location.href } })
      }
      throw error
    }
  },
  component: Shell,
  errorComponent: ({ error }) => <Crashed error={error} />,
})

/** Every path without a page. It stands in the shell, so that one who mistyped a path has the navigation. */
export const noPageRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '$',
  staticData: { title: 'shell.noPage' },
  component: lazyRouteComponent(() => import('../shell/NoPage'), 'NoPage'),
})

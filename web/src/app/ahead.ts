// What the first page needs, asked for before anything is drawn. In turn, each would wait for the one before: who is here,
// then the page's program and texts, then what it imports.
//
// Nothing here decides: the router does the same again and finds it there, or tells why not.
import type { AnyRoute } from '@tanstack/react-router'
import { followServer } from './following'
import { whereOf } from './roots'
import { router } from './router'
import { readMe, sessionOf } from './session'

type Preloaded = { preload?: () => Promise<unknown> }

/** Begin with the page of this address. */
export function beginPage(): void {
  for (const { routeId } of router.matchRoutes(router.latestLocation)) {
    if (routeId === '/shell') {
      void readMe(sessionOf(whereOf(router.latestLocation.search))).catch(() => undefined)
      void followServer()
    }
    const { component, loader } = (router.routesById as Record<string, AnyRoute>)[routeId]?.options ?? {}
    void (component as Preloaded | undefined)?.preload?.().catch(() => undefined)
    // The loaders of pages wait for texts, and take nothing.
    if (typeof loader === 'function') void Promise.resolve((loader as () => unknown)()).catch(() => undefined)
  }
}

// What the first page needs, asked for before anything is drawn. In turn, each would wait for the one before: who is here,
// then the page's program and texts, then what it imports, then what it shows.
//
// Nothing here decides: the router does the same again and finds it there, or tells why not.
import type { AnyRoute } from '@tanstack/react-router'
import { type Operation, OPERATIONS } from '../api/scopes'
import { followServer } from './following'
import { whereOf } from './roots'
import { router } from './router'
import { type Me, readMe, refusedTo, sessionOf } from './session'

type Preloaded = { preload?: () => Promise<unknown> }

/** Begin with the page of this address. */
export function beginPage(): void {
  for (const { routeId, search, params, staticData } of router.matchRoutes(router.latestLocation)) {
    const session = sessionOf(whereOf(router.latestLocation.search))
    if (routeId === '/shell') void followServer()
    if (routeId === '/shell' || staticData.ahead !== undefined) {
      void readMe(session).then((me) => (isAllowed(me, staticData.reads) ? staticData.ahead?.(session, search, params) : undefined)).catch(() => undefined)
    }
    const { component, loader } = (router.routesById as Record<string, AnyRoute>)[routeId]?.options ?? {}
    void (component as Preloaded | undefined)?.preload?.().catch(() => undefined)
    // The loaders of pages wait for texts, and take nothing.
    if (typeof loader === 'function') void Promise.resolve((loader as () => unknown)()).catch(() => undefined)
  }
}

const isAllowed = (me: Me, reads: Operation | undefined): boolean => reads === undefined || refusedTo(me, OPERATIONS[reads]) === null

// The session as pages see it: who one is, what one may do here, and the client and cache of this account and mode.
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { createContext, type ReactNode, use } from 'react'
import { type Api, connect, take } from '../api/client'
import { isRefusal } from '../api/problem'
import type { components } from '../api/schema'
import { isLiveOnly, OPERATIONS, type Operation, type Scope } from '../api/scopes'
import { forgetServer } from './following'
import { placeOf, type Where } from './where'

export type Me = components['schemas']['Me']

/** What belongs to one account and mode. */
export type Session = { where: Where; api: Api; queries: QueryClient }

const sessions = new Map<string, Session>()

/** The session in an account and mode. Each has a cache of its own: no row of one is ever shown in another. */
export function sessionOf(where: Where): Session {
  const place = placeOf(where)
  let found = sessions.get(place)
  if (found === undefined) {
    found = { where, api: connect(where), queries: newCache() }
    sessions.set(place, found)
  }
  return found
}

/** Forget all that was read: somebody else may sign in. */
export function forgetSessions(): void {
  for (const session of sessions.values()) session.queries.clear()
  sessions.clear()
  forgetServer()
}

function newCache(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // What the API refused, it refuses again; only what may pass later is asked for again.
        retry: (failures, error) => failures < 2 && isRefusal(error) && error.problem.retryable,
        retryDelay: (failures, error) =>
          (isRefusal(error) && error.retryAfter !== null ? error.retryAfter : 2 ** failures) * 1000,
      },
      mutations: { retry: false },
    },
  })
}

export const ME = ['me'] as const

let last: Me | null = null

/** Who was here last: the dialogs at the gates ask this person. */
export const lastPerson = (): string | undefined => last?.user?.email
export const lastFactors = (): NonNullable<Me['user']>['factors'] | undefined => last?.user?.factors

/** Who one is, for the routes: without a session it is refused at once. */
export const readMe = async (session: Session): Promise<Me> => {
  const me = await session.queries.fetchQuery({
    queryKey: ME,
    queryFn: () => take(connect(session.where, { gated: false }).GET('/v1/me')),
    staleTime: 60_000,
  })
  last = me
  return me
}

const Context = createContext<Session | null>(null)

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }): ReactNode {
  return (
    <Context value={session}>
      <QueryClientProvider client={session.queries}>{children}</QueryClientProvider>
    </Context>
  )
}

/** Whether this is drawn for who is signed in. */
export const useIsWithin = (): boolean => use(Context) !== null

export function useSession(): Session {
  const found = use(Context)
  if (found === null) throw new Error('outside of a session')
  return found
}

/** The client of this account and mode. */
export const useApi = (): Api => useSession().api

/** Who one is. The shell has read it before any page is shown. */
export function useMe(): Me {
  const { api } = useSession()
  const { data } = useQuery({ queryKey: ME, queryFn: () => take(api.GET('/v1/me')), staleTime: 60_000 })
  if (data === undefined) throw new Error('a page is shown before it is known who is there')
  return data
}

/** Why something is not allowed here: nothing, the scope that the role lacks, or that it needs the live mode. */
export type Refused = { why: 'scope' | 'mode'; scope: Scope } | null

export function refusedTo(me: Me, scope: Scope | null): Refused {
  if (scope === null) return null
  if (!me.scopes.includes(scope)) return { why: 'scope', scope }
  if (me.mode === 'test' && isLiveOnly(scope)) return { why: 'mode', scope }
  return null
}

/** What stops one from calling this operation: `useRefused('POST /v1/keys')`. */
export const useRefused = (operation: Operation): Refused => refusedTo(useMe(), OPERATIONS[operation])

/** Whether one may call this operation. */
export const useMay = (operation: Operation): boolean => useRefused(operation) === null

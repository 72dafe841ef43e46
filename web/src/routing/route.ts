// Routes as the pages show them: what they match as tokens, and the shares of their carriers.
import { useEffect } from 'react'
import type { components } from '../api/schema'
import { type List, useList } from '../parts/useList'

export type Route = components['schemas']['Route']
export type Match = components['schemas']['RouteMatch']
export type Explanation = components['schemas']['RouteExplanation']
export type Simulation = components['schemas']['RouteSimulation']

export const ROUTES = '/v1/routes'

export const LISTS = ['countries', 'prefixes', 'networks', 'senders', 'sender_kinds', 'classes', 'accounts', 'tags'] as const
export const KINDS = [...LISTS, 'times'] as const
export type Kind = (typeof KINDS)[number]
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export const SENDER_KINDS = ['alphanumeric', 'numeric', 'short_code'] as const

export type Window = components['schemas']['RouteWindow']
export type Token = { kind: Kind; values: string[] }

/** What a route matches, one token for each filter that is set. None: everything. */
export function tokensOf(match: Match): Token[] {
  const tokens: Token[] = LISTS.flatMap((kind) => {
    const values = match[kind] ?? []
    return values.length === 0 ? [] : [{ kind, values: [...values] }]
  })
  const times = (match.times ?? []).map(windowText)
  return times.length === 0 ? tokens : [...tokens, { kind: 'times', values: times }]
}

const windowText = ({ weekdays = [], from, to, zone }: Window): string =>
  [weekdays.join(' '), from === undefined && to === undefined ? '' : `${from ?? '00:00'}–${to ?? '24:00'}`, zone ?? ''].filter((part) => part !== '').join(' ')

export type Share = { carrier: string; sender: string | null; order: number; /** Of the messages of its order; null if it takes all of them. */ share: number | null }

/** The carriers of a route as they are tried; those of the same order share its messages by weight. */
export function sharesOf(carriers: Route['carriers']): Share[] {
  const all = carriers.map((given, place) => {
    const one = typeof given === 'string' ? { carrier: given } : given
    return { carrier: one.carrier, sender: one.sender ?? null, order: one.order ?? place + 1, weight: one.weight ?? 1 }
  })
  return all
    .map(({ weight, ...one }) => {
      const sum = all.reduce((total, other) => total + (other.order === one.order ? other.weight : 0), 0)
      return { ...one, share: sum === weight ? null : weight / sum }
    })
    .toSorted((a, b) => a.order - b.order)
}

/** All routes, in the order in which they are tried: an order is of all of them, so each page is read. */
export function useRoutes(): List<Route> {
  const list = useList(ROUTES, { limit: 200 })
  const { hasNextPage, isFetchingNextPage, fetchNextPage, error } = list
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !error) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, error])
  return list
}

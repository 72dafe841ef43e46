// What the pages read of carriers, and how it is judged.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useApi } from '../app/session'
import { needSentences } from '../i18n/sentences'

export type LiveCarrier = components['schemas']['LiveCarrier']
export type LiveBind = components['schemas']['LiveBind']
export type Series = components['schemas']['CarrierSeries']

export const CARRIERS = '/v1/carriers'
export const STATES = '/v1/carrier-states'
export const SERIES = '/v1/carrier-series'
export const TYPES = '/v1/carrier-types'
export const MINUTES = 60

const STATES_MS = 2_000
const SERIES_MS = 10_000

/** What carriers do now: one call for all of them. */
export function useStates(carrier?: string) {
  const api = useApi()
  return useQuery({
    queryKey: [STATES, carrier],
    queryFn: ({ signal }) => take(api.GET('/v1/carrier-states', { params: { query: { carrier } }, signal })),
    refetchInterval: STATES_MS,
    placeholderData: keepPreviousData,
  })
}

/** What they did within the last hour, minute by minute. */
export function useSeries(carrier?: string) {
  const api = useApi()
  return useQuery({
    queryKey: [SERIES, carrier],
    queryFn: ({ signal }) => take(api.GET('/v1/carrier-series', { params: { query: { carrier, minutes: MINUTES } }, signal })),
    refetchInterval: SERIES_MS,
    placeholderData: keepPreviousData,
  })
}

/** One carrier as it is configured, by id or name. */
export function useCarrier(id: string) {
  const api = useApi()
  return useQuery({ queryKey: [CARRIERS, id], queryFn: ({ signal }) => take(api.GET('/v1/carriers/{id}', { params: { path: { id } }, signal })) })
}

/** The types of carriers of the node that answers, with their forms; and the words of these in the person's language. */
export function useTypes() {
  const api = useApi()
  return useQuery({
    queryKey: [TYPES],
    queryFn: async ({ signal }) => (await Promise.all([take(api.GET('/v1/carrier-types', { signal })), needSentences('carriers')]))[0],
    staleTime: 600_000,
  })
}

/** In one word: switched off, stopped by somebody, without a link, not well, or well. */
export type Health = 'off' | 'pause' | 'drain' | 'down' | 'partly' | 'open' | 'slowed' | 'starting' | 'well'

export function healthOf(carrier: LiveCarrier): Health {
  const { state, queue } = carrier
  if (!carrier.enabled) return 'off'
  if (carrier.paused !== null) return carrier.paused === 'drain' ? 'drain' : 'pause'
  if (state === null) return 'starting'
  if (!state.connected) return 'down'
  if (queue?.breaker === 'open') return 'open'
  if (state.binds_bound + (state.tolerated ?? 0) < state.binds) return 'partly'
  if (queue?.slowed === true || queue?.breaker === 'half_open') return 'slowed'
  return 'well'
}

const ORDER: readonly Health[] = ['down', 'open', 'partly', 'slowed', 'pause', 'drain', 'starting', 'well', 'off']

/** The sick ones first, then by name. */
export const sickFirst = (carriers: readonly LiveCarrier[]): LiveCarrier[] =>
  carriers.toSorted((a, b) => ORDER.indexOf(healthOf(a)) - ORDER.indexOf(healthOf(b)) || a.name.localeCompare(b.name))

/** A link can be well and be paused: whether no bind holds, besides. */
export const isUnbound = ({ enabled, state }: LiveCarrier): boolean => enabled && state !== null && !state.connected

/** How often something was not taken within the last hour. */
export const errorsOf = (carrier: LiveCarrier): number => carrier.errors.reduce((all, error) => all + error.count, 0)

export type Slot = { at: number; taken: number; not: number }

/** Series of steps as slots of a minute: what was taken, and what was not. */
export function slotsOf(series: Series, start: string, step_seconds: number): Slot[] {
  const each = Math.max(1, Math.round(60 / step_seconds))
  const slots: Slot[] = []
  for (let place = 0; place < series.accepted.length; place += each) {
    const sum = (values: number[]): number => values.slice(place, place + each).reduce((all, value) => all + value, 0)
    slots.push({
      at: Date.parse(start) + place * step_seconds * 1000,
      taken: sum(series.accepted),
      not: sum(series.refused) + sum(series.throttled) + sum(series.failed),
    })
  }
  return slots
}

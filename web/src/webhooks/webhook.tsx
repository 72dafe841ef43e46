// What several pages say of an endpoint and of a delivery.
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useApi } from '../app/session'
import { hasText, t as text, useT } from '../i18n/i18n'
import { StatusBadge, type Tone } from '../parts/StatusBadge'

export type Webhook = components['schemas']['WebhookView']
export type Figures = components['schemas']['WebhookStatistics']
export type Delivery = components['schemas']['DeliveryView']
export type State = 'active' | 'failing' | 'paused' | 'off'

export const WEBHOOKS = '/v1/webhooks'
export const DELIVERIES = '/v1/webhooks/{id}/deliveries'
export const STATES: readonly State[] = ['active', 'failing', 'paused', 'off']

/** Off is what a person switched off; paused is what onesixty paused after a day of failures. */
export function stateOf({ enabled, paused_at: paused, failing_since: failing }: Pick<Webhook, 'enabled' | 'paused_at' | 'failing_since'>): State {
  if (!enabled) return 'off'
  if (paused !== null) return 'paused'
  return failing === null ? 'active' : 'failing'
}

const TONES: Record<State, Tone> = { active: 'good', failing: 'bad', paused: 'warn', off: 'quiet' }

export function WebhookState({ webhook }: { webhook: Webhook }): ReactNode {
  const t = useT()
  const state = stateOf(webhook)
  return <StatusBadge tone={TONES[state]} icon={state === 'paused' ? 'pause' : undefined}>{t(`webhooks.state.${state}`)}</StatusBadge>
}

const DELIVERY_TONES: Record<Delivery['status'], Tone> = { delivered: 'good', failed: 'bad', pending: 'info' }

export function DeliveryState({ status }: { status: Delivery['status'] }): ReactNode {
  const t = useT()
  return <StatusBadge tone={DELIVERY_TONES[status]}>{t(`webhooks.status.${status}`)}</StatusBadge>
}

/** The figures of an endpoint over its last 24 hours. */
export function useFigures(id: string): UseQueryResult<Figures> {
  const api = useApi()
  return useQuery({
    queryKey: [WEBHOOKS, id, 'statistics'],
    queryFn: () => take(api.GET('/v1/webhooks/{id}/statistics', { params: { path: { id } } })),
    refetchInterval: 30_000,
  })
}

/** Where the endpoint is, without what all URLs have; isolated, so that it is written from left to right everywhere. */
export const placeOf = (url: string): string => `\u2066${url.replace(/^https?:\/\//, '')}\u2069`

/** What a type of event says happened; null if this console does not know the type. */
export function wordOfType(type: string): string | null {
  const id = `webhooks.type.${type}`
  return hasText(id) ? text(id) : null
}

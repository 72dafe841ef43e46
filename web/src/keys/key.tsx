// What several pages say of a key.
import type { ReactNode } from 'react'
import type { components } from '../api/schema'
import { useT } from '../i18n/i18n'
import type { LimitName } from '../parts/Limits'
import { StatusBadge, type Tone } from '../parts/StatusBadge'

export type Key = components['schemas']['KeyView']

const TONES: Record<string, Tone> = { active: 'good', expired: 'warn', revoked: 'quiet' }

export function KeyState({ state }: { state: string }): ReactNode {
  const t = useT()
  const word = state === 'active' || state === 'expired' || state === 'revoked' ? t(`keys.state.${state}`) : state
  return <StatusBadge tone={TONES[state] ?? 'quiet'}>{word}</StatusBadge>
}

export const KEYS = '/v1/keys'

/** The limits that a key can have. */
export const LIMITS = ['segments_per_second', 'messages_per_day', 'messages_per_month', 'waiting_messages', 'scheduled_messages'] as const satisfies readonly LimitName[]

// What several pages say of an account: its state, its balance, its limits.
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import type { LimitName } from '../parts/Limits'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { Money } from '../parts/Values'

export type Account = components['schemas']['AccountView']
export type State = Account['state']
export type Made = components['schemas']['AccountMade']

export const ACCOUNTS = '/v1/accounts'
export const LIMITS: readonly LimitName[] = [
  'requests_per_second', 'segments_per_second', 'messages_per_day', 'messages_per_month', 'waiting_messages', 'scheduled_messages', 'storage_bytes',
]

const TONES: Record<State, Tone> = { active: 'good', suspended: 'warn', closed: 'quiet' }

/** The state that counts: an account below a suspended one is suspended, too. */
export function AccountState({ account }: { account: Account }): ReactNode {
  const t = useT()
  const state = account.effective_state
  return <StatusBadge tone={TONES[state]} icon={state === 'suspended' ? 'pause' : undefined}>{t(`accounts.state.${state}`)}</StatusBadge>
}

/** The balance of an account. It is read for each row in sight. */
export function Balance({ id }: { id: string }): ReactNode {
  const api = useApi()
  const { data, isPending } = useQuery({
    queryKey: ['/v1/balance', id],
    queryFn: () => take(api.GET('/v1/balance', { params: { query: { account_id: id } } })),
    staleTime: 30_000,
  })
  if (data === undefined) return isPending ? '…' : '–'
  return <Money amount={data.balance} currency={data.currency} />
}

// What several pages say of an account: its state, its balance, its limits.
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import type { LimitName } from '../parts/Limits'
import { TextLink } from '../parts/Link'
import { Named } from '../parts/Named'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { Ident, Money, Words } from '../parts/Values'
import { type Tree, useReach } from './tree'

export type Account = components['schemas']['AccountView']
export type State = Account['state']
export type Made = components['schemas']['AccountMade']

export const BALANCE = '/v1/balance'
export const ADJUSTMENTS = '/v1/adjustments'
export const LIMITS_USED = '/v1/limits'
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

/** The account above one. One's own is known to everybody; another one is named where it is known. */
export function Above({ tree, id, name }: { tree: Tree; id: string | null; name?: string | undefined }): ReactNode {
  const me = useMe()
  if (id === null) return '–'
  if (tree.name === 'accounts') return <Named id={id} name={name} />
  if (id === me.account_id) return <TextLink to="/account"><Words>{me.account_name}</Words></TextLink>
  return <TextLink to={tree.pageOfOne} params={{ id }}>{name === undefined ? <Ident>{id}</Ident> : <Words>{name}</Words>}</TextLink>
}

/** The balance of an account. It is read for each row in sight. */
export function Balance({ id }: { id: string }): ReactNode {
  const { api, of } = useReach(id)
  const { data, isPending } = useQuery({
    queryKey: [BALANCE, id],
    queryFn: () => take(api.GET(BALANCE, { params: { query: of } })),
    staleTime: 30_000,
  })
  if (data === undefined) return isPending ? '…' : '–'
  return <Money amount={data.balance} currency={data.currency} />
}

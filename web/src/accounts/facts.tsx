// The facts of an account, for its first tab.
import type { ReactNode } from 'react'
import type { useT } from '../i18n/i18n'
import { Ident, Money, Time, Words } from '../parts/Values'
import { Above, type Account, Balance } from './account'
import { written } from './senders'
import type { Tree } from './tree'

type Props = { account: Account; /** Whose account it is below; without, nothing is said of what is above. */ tree?: Tree; t: ReturnType<typeof useT> }

export const factsOf = ({ account, tree, t }: Props): [string, ReactNode][] => [
  [t('accounts.name'), <Words key="name">{account.name}</Words>],
  ...(account.state_reason === null ? [] : [[t('accounts.reason'), <Words key="reason">{account.state_reason}</Words>] satisfies [string, ReactNode]]),
  [t('accounts.balance'), <Balance key="balance" id={account.id} />],
  [t('accounts.credit'), account.credit_limit === null ? t('parts.noLimit') : <Money key="credit" amount={account.credit_limit} currency={account.currency} />],
  [t('accounts.price'), <Money key="price" amount={account.price_per_segment} currency={account.currency} />],
  [t('accounts.otp'), account.may_use_otp ? t('accounts.yes') : t('accounts.no')],
  [t('accounts.senders'), account.defaults.senders === undefined || Object.keys(account.defaults.senders).length === 0 ? t('accounts.noSenders') : <Ident key="senders">{written(account.defaults.senders).join(', ')}</Ident>],
  [t('accounts.country'), <Ident key="country">{account.country ?? '–'}</Ident>],
  [t('accounts.zone'), <Ident key="zone">{account.time_zone}</Ident>],
  ...(tree === undefined ? [] : [[t('accounts.under'), <Above key="under" tree={tree} id={account.parent_id} />] satisfies [string, ReactNode]]),
  [t('accounts.made'), <Time key="made" at={account.created_at} as="absolute" />],
  [t('accounts.id'), <Ident key="id">{account.id}</Ident>],
]

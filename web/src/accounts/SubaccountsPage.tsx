// Which accounts are below mine? They are made, changed and entered here.
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { AccountList } from './AccountList'
import { SUBACCOUNTS } from './subaccounts'

export function SubaccountsPage(): ReactNode {
  const navigate = useNavigate({ from: '/subaccounts' })
  const search = useSearch({ from: '/shell/subaccounts' })
  return <AccountList tree={SUBACCOUNTS} search={search} onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })} />
}

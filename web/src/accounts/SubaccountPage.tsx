// One account below one's own.
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { OneAccount } from './OneAccount'
import { SUBACCOUNTS } from './subaccounts'
import { FoundPage } from '../parts/FoundPage'

export function SubaccountPage(): ReactNode {
  const { id } = useParams({ from: '/shell/subaccounts/$id' })
  const { view } = useSearch({ from: '/shell/subaccounts/$id' })
  const navigate = useNavigate({ from: '/subaccounts/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [SUBACCOUNTS.list, id],
    queryFn: () => take(api.GET('/v1/subaccounts/{id}', { params: { path: { id } } })),
  })
  return <FoundPage query={query}>{(account) => <OneAccount key={id} tree={SUBACCOUNTS} account={account} view={view} onView={(to) => void navigate({ search: (before) => ({ ...before, view: to }) })} />}</FoundPage>
}

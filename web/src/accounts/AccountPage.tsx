// One account, for operators.
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { ACCOUNTS, EVERY_ACCOUNT } from './everyAccount'
import { OneAccount } from './OneAccount'
import { FoundPage } from '../parts/FoundPage'

export function AccountPage(): ReactNode {
  const { id } = useParams({ from: '/shell/accounts/$id' })
  const { view } = useSearch({ from: '/shell/accounts/$id' })
  const navigate = useNavigate({ from: '/accounts/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [ACCOUNTS, id],
    queryFn: () => take(api.GET('/v1/accounts/{id}', { params: { path: { id } } })),
  })
  return <FoundPage query={query}>{(account) => <OneAccount key={id} tree={EVERY_ACCOUNT} account={account} view={view} onView={(to) => void navigate({ search: (before) => ({ ...before, view: to }) })} />}</FoundPage>
}

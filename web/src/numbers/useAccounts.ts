// The accounts to which an operator gives numbers, with their names. Who may not list accounts has none here.
import { useEffect } from 'react'
import { useMay } from '../app/session'
import { useList } from '../parts/useList'

/** More are not offered by name; their ids can be given all the same. */
const MOST = 2_000

export type Accounts = { options: { value: string; label: string }[]; nameOf: (id: string) => string | undefined }

export function useAccounts(): Accounts {
  const may = useMay('GET /v1/accounts')
  const list = useList('/v1/accounts', { limit: 200 }, { enabled: may })
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  const further = hasNextPage && !isFetchingNextPage && list.rows.length < MOST && !list.error
  useEffect(() => {
    if (further) void fetchNextPage()
  }, [further, fetchNextPage])
  const names = new Map(list.rows.map(({ id, name }) => [id, name]))
  return { options: [...names].map(([value, label]) => ({ value, label })), nameOf: (id) => names.get(id) }
}

// The accounts that one may choose, with their names. Who may not list accounts has none here.
import { useEffect } from 'react'
import { useMay } from '../app/session'
import { useList } from '../parts/useList'
import type { Tree } from './tree'

/** More are not offered by name; their ids can be given all the same. */
const MOST = 2_000

export type Accounts = { options: { value: string; label: string }[]; nameOf: (id: string) => string | undefined }

const EVERY: Pick<Tree, 'list' | 'reads'> = { list: '/v1/accounts', reads: 'GET /v1/accounts' }

/** `wanted` is false where no name is shown. */
export function useAccounts({ list: path, reads } = EVERY, wanted = true): Accounts {
  const may = useMay(reads) && wanted
  const list = useList(path, { limit: 200 }, { enabled: may })
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  const further = hasNextPage && !isFetchingNextPage && list.rows.length < MOST && !list.error
  useEffect(() => {
    if (further) void fetchNextPage()
  }, [further, fetchNextPage])
  const names = new Map(list.rows.map(({ id, name }) => [id, name]))
  return { options: [...names].map(([value, label]) => ({ value, label })), nameOf: (id) => names.get(id) }
}

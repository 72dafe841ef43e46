// The accounts of a list, and the calls that read and change them: those of every account, for operators, and those below one's own.
//
// Rules kept here:
// - the pages of both are the same. What differs is in this type, and each page loads its own tree alone;
// - what an operator reads of another account is named in the query; who has accounts below acts in them (`useReach`).
import type { Api } from '../api/client'
import type { Operation } from '../api/scopes'
import { sessionOf, useMay, useMe, useSession } from '../app/session'

export type Tree = {
  name: 'accounts' | 'subaccounts'
  list: '/v1/accounts' | '/v1/subaccounts'
  one: '/v1/accounts/{id}' | '/v1/subaccounts/{id}'
  page: '/accounts' | '/subaccounts'
  pageOfOne: '/accounts/$id' | '/subaccounts/$id'
  reads: Operation
  makes: Operation
  changes: Operation
  retention: RetentionCalls
}

export type RetentionCalls = {
  one: '/v1/retention/{account_id}' | '/v1/subaccounts/{account_id}/retention'
  reads: Operation
  changes: Operation
}

/** How one reads what belongs to an account: the client, and what the query says. */
export type Reach = { api: Api; of: { account_id?: string } }

export function useReach(id: string): Reach {
  const { api, where } = useSession()
  const me = useMe()
  const operates = useMay('GET /v1/accounts')
  if (id === me.account_id) return { api, of: {} }
  return operates ? { api, of: { account_id: id } } : { api: sessionOf({ account: id, mode: where.mode }).api, of: {} }
}

// The accounts below one's own.
import type { Tree } from './tree'

export const SUBACCOUNTS: Tree = {
  name: 'subaccounts',
  list: '/v1/subaccounts',
  one: '/v1/subaccounts/{id}',
  page: '/subaccounts',
  pageOfOne: '/subaccounts/$id',
  reads: 'GET /v1/subaccounts',
  makes: 'POST /v1/subaccounts',
  changes: 'PATCH /v1/subaccounts/{id}',
  retention: { one: '/v1/subaccounts/{account_id}/retention', reads: 'GET /v1/subaccounts/{account_id}/retention', changes: 'PATCH /v1/subaccounts/{account_id}/retention' },
}

// Every account of the platform, for operators.
import type { Tree } from './tree'

export const ACCOUNTS = '/v1/accounts'

export const EVERY_ACCOUNT: Tree = {
  name: 'accounts',
  list: ACCOUNTS,
  one: '/v1/accounts/{id}',
  page: '/accounts',
  pageOfOne: '/accounts/$id',
  reads: 'GET /v1/accounts',
  makes: 'POST /v1/accounts',
  changes: 'PATCH /v1/accounts/{id}',
  retention: { one: '/v1/retention/{account_id}', reads: 'GET /v1/retention/{account_id}', changes: 'PATCH /v1/retention/{account_id}' },
}

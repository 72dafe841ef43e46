// What has my own account? Its balance, what it may send and what of that is used, and how long its data is kept.
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Facts } from '../parts/Facts'
import { PageHead } from '../parts/PageHead'
import { Found } from '../parts/States'
import { AccountState } from './account'
import { AccountTabs } from './AccountTabs'
import { factsOf } from './facts'
import type { RetentionCalls } from './tree'

const OWN = '/v1/account'
const RETENTION: RetentionCalls = { one: '/v1/retention/{account_id}', reads: 'GET /v1/retention/{account_id}', changes: 'PATCH /v1/retention/{account_id}' }

export function OwnAccountPage(): ReactNode {
  const t = useT()
  const { view } = useSearch({ from: '/shell/account' })
  const navigate = useNavigate({ from: '/account' })
  const api = useApi()
  const query = useQuery({ queryKey: [OWN], queryFn: () => take(api.GET(OWN)) })
  return (
    <>
      <PageHead
        title={t('accounts.own')}
        about={query.data === undefined ? t('accounts.ownAbout') : <AccountState account={query.data} />}
        // The tab of retention has its own.
        actions={view !== 'retention' && <CopyAsCode request={{ operation: view === 'balance' ? 'GET /v1/balance' : view === 'limits' ? 'GET /v1/limits' : 'GET /v1/account' }} />}
      />
      <Found query={query}>
        {(account) => (
          <AccountTabs
            account={account}
            retention={RETENTION}
            view={view}
            onView={(to) => void navigate({ search: (before) => ({ ...before, view: to }) })}
          >
            <Facts facts={factsOf({ account, t })} />
          </AccountTabs>
        )}
      </Found>
    </>
  )
}

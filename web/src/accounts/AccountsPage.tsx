// Who uses this platform? Every account, with its state and balance, and for how long its data is kept.
import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { AccountList } from './AccountList'
import { EVERY_ACCOUNT } from './everyAccount'
import { Retentions } from './Retentions'

export function AccountsPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/accounts' })
  const { list, ...search } = useSearch({ from: '/shell/accounts' })
  const show = (to: string | null): void => void navigate({ search: ({ account, mode }) => ({ account, mode, list: to === 'retention' ? to : undefined }) })
  return (
    <AccountList tree={EVERY_ACCOUNT} search={search} onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })}>
      {(accounts) => (
        <Tabs value={list ?? 'accounts'} onChange={show} keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="accounts">{t('accounts.title')}</Tabs.Tab>
            <Tabs.Tab value="retention">{t('accounts.view.retention')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="accounts">{accounts}</Tabs.Panel>
          <Tabs.Panel value="retention">
            <Retentions />
          </Tabs.Panel>
        </Tabs>
      )}
    </AccountList>
  )
}

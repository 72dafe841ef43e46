// The tabs of an account: its facts, which the page gives, its balance, its limits as used, and how long its data is kept.
import { Tabs } from '@mantine/core'
import { lazy, type ReactNode, Suspense } from 'react'
import { useT } from '../i18n/i18n'
import { Waiting } from '../parts/States'
import type { Account } from './account'
import { type View, VIEWS } from './search'
import type { RetentionCalls } from './tree'

const BalanceView = lazy(() => import('./BalanceView').then((found) => ({ default: found.BalanceView })))
const LimitsView = lazy(() => import('./LimitsView').then((found) => ({ default: found.LimitsView })))
const RetentionView = lazy(() => import('./RetentionView').then((found) => ({ default: found.RetentionView })))

type Props = {
  account: Account
  retention: RetentionCalls
  view: View | undefined
  onView: (to: View | undefined) => void
  /** The button that changes its limits, for who may see one. */
  changeLimits?: ReactNode
  children: ReactNode
}

export function AccountTabs({ account, retention, view, onView, changeLimits, children }: Props): ReactNode {
  const t = useT()
  return (
    <Tabs value={view ?? 'facts'} onChange={(to) => onView(VIEWS.find((each) => each === to))} keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="facts">{t('accounts.view.facts')}</Tabs.Tab>
        {VIEWS.map((each) => (
          <Tabs.Tab key={each} value={each}>
            {t(`accounts.view.${each}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Suspense fallback={<Waiting />}>
        <Tabs.Panel value="facts">{children}</Tabs.Panel>
        <Tabs.Panel value="balance">
          <BalanceView account={account} />
        </Tabs.Panel>
        <Tabs.Panel value="limits">
          <LimitsView account={account} change={changeLimits} />
        </Tabs.Panel>
        <Tabs.Panel value="retention">
          <RetentionView id={account.id} calls={retention} />
        </Tabs.Panel>
      </Suspense>
    </Tabs>
  )
}

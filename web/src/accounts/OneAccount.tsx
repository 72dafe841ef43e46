// One account of a tree: its state, the ways into it, and its tabs: facts, balance, limits, retention.
import { Group } from '@mantine/core'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { Facts } from '../parts/Facts'
import { BackToList } from '../parts/FoundPage'
import { Icon } from '../parts/Icon'
import { ButtonLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { type Account, AccountState, type State } from './account'
import { AccountTabs } from './AccountTabs'
import { factsOf } from './facts'
import type { View } from './search'
import type { Tree } from './tree'

const EditAccount = lazy(() => import('./EditAccount').then((found) => ({ default: found.EditAccount })))
const StateDialog = lazy(() => import('./StateDialog').then((found) => ({ default: found.StateDialog })))

type Props = { tree: Tree; account: Account; view: View | undefined; onView: (to: View | undefined) => void }

export function OneAccount({ tree, account, view, onView }: Props): ReactNode {
  const t = useT()
  const [edit, setEdit] = useState(false)
  const [to, setTo] = useState<State | null>(null)
  const calls = tree.changes
  const change = (label: string): ReactNode => (
    <Act calls={calls} variant="default" leftSection={<Icon name="edit" />} onClick={() => setEdit(true)}>
      {label}
    </Act>
  )
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={account.name}
        about={<AccountState account={account} />}
        actions={
          <>
            {change(t('accounts.edit'))}
            {account.state !== 'active' && (
              <Act calls={calls} variant="default" leftSection={<Icon name="play" />} onClick={() => setTo('active')}>
                {t('accounts.do.active')}
              </Act>
            )}
            {account.state !== 'suspended' && !account.operator && (
              <Act calls={calls} variant="default" leftSection={<Icon name="pause" />} onClick={() => setTo('suspended')}>
                {t('accounts.do.suspended')}
              </Act>
            )}
            {account.state !== 'closed' && !account.operator && (
              <Act calls={calls} ends leftSection={<Icon name="stop" />} onClick={() => setTo('closed')}>
                {t('accounts.do.closed')}
              </Act>
            )}
          </>
        }
      />
      <Inside tree={tree} account={account} />
      <AccountTabs account={account} retention={tree.retention} view={view} onView={onView} changeLimits={change(t('parts.limitsChange'))}>
        <Facts facts={factsOf({ account, tree, t })} />
      </AccountTabs>
      <Suspense>
        {edit && <EditAccount tree={tree} account={account} onClose={() => setEdit(false)} />}
        {to !== null && <StateDialog tree={tree} account={account} to={to} onClose={() => setTo(null)} />}
      </Suspense>
    </>
  )
}

/** The ways into the account: one acts in it, reads its keys and messages, or sees the accounts below it. */
function Inside({ tree, account }: { tree: Tree; account: Account }): ReactNode {
  const t = useT()
  const me = useMe()
  const { id } = account
  const enters = me.scopes.includes('subaccounts:enter') && id !== me.account_id
  return (
    <Group gap="xs" mb="md">
      {enters && (
        <>
          <ButtonLink to="/" search={{ account: id }} size="xs" leftSection={<Icon name="building" size={16} />}>
            {t('accounts.enter')}
          </ButtonLink>
          <ButtonLink to="/keys" search={{ account: id }} size="xs" variant="default" leftSection={<Icon name="key" size={16} />}>
            {t('accounts.keys')}
          </ButtonLink>
          <ButtonLink to="/messages" search={{ account: id }} size="xs" variant="default" leftSection={<Icon name="messages" size={16} />}>
            {t('accounts.messages')}
          </ButtonLink>
        </>
      )}
      <ButtonLink to={tree.page} search={{ parent_id: id }} size="xs" variant="default" leftSection={<Icon name="list" size={16} />}>
        {t('accounts.below')}
      </ButtonLink>
      {tree.name === 'accounts' && (
        <ButtonLink to="/profile/$id" params={{ id }} size="xs" variant="default" leftSection={<Icon name="shield" size={16} />}>
          {t('accounts.profile')}
        </ButtonLink>
      )}
    </Group>
  )
}

// The accounts of a tree with their states and balances, or those below one of them, and the form for a new one.
import { Text } from '@mantine/core'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { oneOf, text } from '../app/search'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { type FilterField, FilterBar, type Filters, isFiltered } from '../parts/FilterBar'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Money, Time, Words } from '../parts/Values'
import { Above, type Account, AccountState, Balance, type Made } from './account'
import { STATES } from './states'
import type { Tree } from './tree'

const NewAccount = lazy(() => import('./NewAccount').then((found) => ({ default: found.NewAccount })))
const MadeDialog = lazy(() => import('./MadeDialog').then((found) => ({ default: found.MadeDialog })))

const stateOf = oneOf(...STATES)

type Search = { parent_id?: string; state?: (typeof STATES)[number]; make?: 'true' }
type Props = {
  tree: Tree
  search: Search
  onSearch: (change: Search) => void
  /** What is around the list. */
  children?: (list: ReactNode) => ReactNode
}

export function AccountList({ tree, search, onSearch, children }: Props): ReactNode {
  const t = useT()
  const { parent_id: parent, state, make } = search
  const [made, setMade] = useState<Made | null>(null)
  const value = { parent_id: parent, state }
  const query = { ...(parent === undefined ? {} : { parent_id: parent }), ...(state === undefined ? {} : { state }) }
  const list = useList(tree.list, { ...query, limit: 100 })
  const names = new Map(list.rows.map((account) => [account.id, account.name]))
  const setMake = (open: boolean): void => onSearch({ make: open ? 'true' : undefined })
  const filter = (to: Filters): void => onSearch({ parent_id: text(to.parent_id), state: stateOf(to.state) })
  const all = tree.name === 'accounts'
  const newButton = (
    <Act calls={tree.makes} leftSection={<Icon name="plus" />} onClick={() => setMake(true)}>
      {all ? t('accounts.make') : t('accounts.sub.make')}
    </Act>
  )
  const fields: FilterField[] = [
    { name: 'state', label: t('accounts.state'), kind: 'choice', options: STATES.map((each) => ({ value: each, label: t(`accounts.state.${each}`) })) },
    { name: 'parent_id', label: t('accounts.under'), kind: 'text', accepts: (typed) => typed.startsWith('acc_') },
  ]
  const columns: Column<Account>[] = [
    {
      name: 'name', title: t('accounts.name'), width: 'minmax(10rem, 1.3fr)',
      cell: (account) => (
        <>
          <TextLink to={tree.pageOfOne} params={{ id: account.id }}>
            <Words>{account.name}</Words>
          </TextLink>
          {account.operator && <Text span size="sm" c="dimmed"> {t('accounts.operator')}</Text>}
        </>
      ),
    },
    { name: 'state', title: t('accounts.state'), width: '9rem', cell: (account) => <AccountState account={account} /> },
    { name: 'balance', title: t('accounts.balance'), width: '7rem', align: 'end', cell: (account) => <Balance id={account.id} /> },
    { name: 'price', title: t('accounts.price'), width: '7rem', align: 'end', extra: true, cell: (account) => <Money amount={account.price_per_segment} currency={account.currency} /> },
    {
      name: 'under', title: t('accounts.under'), width: 'minmax(11.5rem, 1.2fr)', extra: true,
      cell: (account) => <Above tree={tree} id={account.parent_id} name={names.get(account.parent_id ?? '')} />,
    },
    { name: 'made', title: t('accounts.made'), width: '8.5rem', cell: (account) => <Time at={account.created_at} /> },
  ]
  const shown = (
    <>
      <FilterBar label={t('accounts.filter')} fields={fields} value={value} onChange={filter} />
      <DataList
        list={list}
        columns={columns}
        label={all ? t('accounts.title') : t('accounts.sub.title')}
        rowKey={(account) => account.id}
        rowTone={(account) => (account.effective_state === 'closed' ? 'faded' : undefined)}
        empty={<NothingYet icon="building" title={t('accounts.none')} about={all ? t('accounts.noneAbout') : t('accounts.sub.noneAbout')} action={newButton} />}
        onClear={isFiltered(fields, value) ? () => filter({}) : undefined}
      />
    </>
  )
  return (
    <>
      <PageHead
        title={all ? t('accounts.title') : t('accounts.sub.title')}
        about={all ? t('accounts.about') : t('accounts.sub.about')}
        actions={
          <>
            <CopyAsCode request={{ operation: tree.reads, query }} />
            {newButton}
          </>
        }
      />
      {children === undefined ? shown : children(shown)}
      <Suspense>
        {make === 'true' && <NewAccount tree={tree} parent={parent} onClose={() => setMake(false)} onMade={setMade} />}
        {made !== null && <MadeDialog made={made} onClose={() => setMade(null)} />}
      </Suspense>
    </>
  )
}

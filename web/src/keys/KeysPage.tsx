// Which key is used where? All keys of the account, and the form for a new one.
import { Button } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { type FilterField, FilterBar } from '../parts/FilterBar'
import { Icon } from '../parts/Icon'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { ListTip } from '../parts/Tip'
import { type List, useList } from '../parts/useList'
import { Ident, Time } from '../parts/Values'
import { wordOfRight } from '../rights/rights'
import { type Key, KEYS, KeyState } from './key'
import { TextLink } from '../parts/Link'

// Forms and dialogs are loaded when they are opened.
const NewKey = lazy(() => import('./NewKey').then((found) => ({ default: found.NewKey })))
const SecretDialog = lazy(() => import('./SecretDialog').then((found) => ({ default: found.SecretDialog })))

export function KeysPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/keys' })
  const search = useSearch({ from: '/shell/keys' })
  const [secret, setSecret] = useState<{ name: string; secret: string } | null>(null)
  const list = useList(KEYS, { limit: 100 })
  const shown = withState(list, search.state)

  const columns: Column<Key>[] = [
    {
      name: 'name', title: t('keys.name'), width: 'minmax(8rem, 1.4fr)',
      cell: (key) => (
        <TextLink to="/keys/$id" params={{ id: key.id }}>
          <bdi dir="auto">{key.name}</bdi>
        </TextLink>
      ),
    },
    { name: 'hint', title: t('keys.key'), width: 'minmax(9rem, 1fr)', cell: (key) => <Ident>{key.hint}</Ident> },
    { name: 'mode', title: t('keys.mode'), width: '5rem', cell: (key) => t(`keys.mode.${key.mode}`) },
    { name: 'state', title: t('keys.state'), width: '8rem', cell: (key) => <KeyState state={key.state} /> },
    { name: 'scopes', title: t('keys.scopes'), width: '6rem', extra: true, cell: ({ scopes }) => <ListTip words={() => scopes.map((scope) => wordOfRight(scope) ?? scope)}>{t('keys.scopeCount', { count: scopes.length })}</ListTip> },
    { name: 'used', title: t('keys.lastUsed'), cell: (key) => <Time at={key.last_used_at} never={t('keys.never')} /> },
    { name: 'made', title: t('keys.made'), extra: true, cell: (key) => <Time at={key.created_at} /> },
  ]
  const fields: FilterField[] = [
    {
      name: 'state', label: t('keys.state'), kind: 'choice',
      options: (['active', 'expired', 'revoked'] as const).map((value) => ({ value, label: t(`keys.state.${value}`) })),
    },
  ]
  const filter = (state: typeof search.state): void => void navigate({ search: (before) => ({ ...before, state }) })
  const make = (open: boolean): void => void navigate({ search: (before) => ({ ...before, make: open ? 'true' : undefined }) })
  const newKey = (
    <Act calls="POST /v1/keys" leftSection={<Icon name="plus" />} onClick={() => make(true)}>
      {t('keys.make')}
    </Act>
  )

  return (
    <>
      <PageHead
        title={t('keys.title')}
        about={t('keys.about')}
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/keys' }} />
            {newKey}
          </>
        }
      />
      <FilterBar
        label={t('keys.filter')}
        fields={fields}
        value={{ state: search.state }}
        onChange={({ state }) => filter(state === 'active' || state === 'expired' || state === 'revoked' ? state : undefined)}
      />
      <DataList
        list={shown}
        columns={columns}
        label={t('keys.title')}
        rowKey={(key) => key.id}
        rowTone={(key) => (key.state === 'active' ? undefined : 'faded')}
        empty={<NothingYet icon="key" title={t('keys.none')} about={t('keys.noneAbout')} action={<Button onClick={() => make(true)}>{t('keys.make')}</Button>} />}
        onClear={search.state === undefined ? undefined : () => filter(undefined)}
      />
      <Suspense>
        {search.make === 'true' && <NewKey onClose={() => make(false)} onMade={setSecret} />}
        {secret !== null && <SecretDialog {...secret} onClose={() => setSecret(null)} />}
      </Suspense>
    </>
  )
}

/** The API lists all keys of an account; they are few, and are filtered here. */
function withState(list: List<Key>, state: string | undefined): List<Key> {
  if (state === undefined) return list
  return { ...list, rows: list.rows.filter((key) => key.state === state) }
}

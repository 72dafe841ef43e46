// The credentials with which clients bind; each has a menu: a new password, or its end.
import { ActionIcon, Menu } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { oneOf } from '../app/search'
import { useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { type Column, DataList } from '../parts/DataList'
import { type FilterField, FilterBar } from '../parts/FilterBar'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { notify } from '../parts/Notices'
import { NothingYet } from '../parts/States'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { useList } from '../parts/useList'
import { Count, Ident, Time } from '../parts/Values'
import type { Password } from './SmppPage'
import { type Credential, CREDENTIALS } from './smpp'

const STATES = ['active', 'expired', 'revoked'] as const
const stateOf = oneOf(...STATES)
const TONES: Record<Credential['state'], Tone> = { active: 'good', expired: 'warn', revoked: 'quiet' }
const NewPassword = lazy(() => import('./NewPassword').then((found) => ({ default: found.NewPassword })))

export function CredentialState({ state }: Pick<Credential, 'state'>): ReactNode {
  const t = useT()
  return <StatusBadge tone={TONES[state]}>{t(`smpp.state.${state}`)}</StatusBadge>
}

type Props = { makeButton: ReactNode; onPassword: (made: Password) => void }

export function Credentials({ makeButton, onPassword }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate({ from: '/smpp' })
  const { state } = useSearch({ from: '/shell/smpp' })
  const [open, setOpen] = useState<{ what: 'password' | 'revoke'; of: Credential } | null>(null)
  const list = useList(CREDENTIALS, { state, limit: 100 })
  const filter = (to: typeof state): void => void navigate({ search: (before) => ({ ...before, state: to }) })
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: [CREDENTIALS] })

  const revoke = async ({ id, system_id: name }: Credential): Promise<void> => {
    await take(api.DELETE('/v1/smpp-credentials/{id}', { params: { path: { id } } }))
    await again()
    notify(t('smpp.revoked', { name }))
  }
  const columns: Column<Credential>[] = [
    { name: 'system_id', title: t('smpp.systemId'), width: 'minmax(8rem, 1.2fr)', cell: (one) => <TextLink to="/smpp/$id" params={{ id: one.id }}><strong><Ident>{one.system_id}</Ident></strong></TextLink> },
    { name: 'mode', title: t('smpp.mode'), width: '5rem', cell: (one) => t(`smpp.mode.${one.mode}`) },
    { name: 'state', title: t('smpp.state'), width: '8rem', cell: (one) => <CredentialState state={one.state} /> },
    { name: 'binds', title: t('smpp.maxBinds'), width: '6rem', extra: true, cell: (one) => <Count value={one.profile.max_binds ?? 0} /> },
    { name: 'window', title: t('smpp.window'), width: '5rem', extra: true, cell: (one) => <Count value={one.profile.window ?? 0} /> },
    {
      name: 'last', title: t('smpp.lastBind'), width: 'minmax(8.5rem, 1.2fr)',
      cell: (one) => <><Time at={one.last_bind_at} never={t('smpp.never')} /> {one.last_bind_from !== null && <Ident>{one.last_bind_from}</Ident>}</>,
    },
    { name: 'made', title: t('smpp.made'), width: '7.5rem', extra: true, cell: (one) => <Time at={one.created_at} /> },
    { name: 'more', title: t('smpp.actions'), width: '5rem', align: 'end', cell: (one) => (one.state === 'revoked' ? null : <More of={one} onOpen={setOpen} />) },
  ]
  const fields: FilterField[] = [{ name: 'state', label: t('smpp.state'), kind: 'choice', options: STATES.map((value) => ({ value, label: t(`smpp.state.${value}`) })) }]

  return (
    <>
      <FilterBar label={t('smpp.filter')} fields={fields} value={{ state }} onChange={(to) => filter(stateOf(to.state))} />
      <DataList
        list={list}
        columns={columns}
        label={t('smpp.credentials')}
        rowKey={(one) => one.id}
        rowTone={(one) => (one.state === 'active' ? undefined : 'faded')}
        empty={<NothingYet icon="plug" title={t('smpp.none')} about={t('smpp.noneAbout')} action={makeButton} />}
        onClear={state === undefined ? undefined : () => filter(undefined)}
      />
      <Suspense>{open?.what === 'password' && <NewPassword credential={open.of} onClose={() => setOpen(null)} onPassword={onPassword} />}</Suspense>
      {open?.what === 'revoke' && (
        <ConfirmDialog title={t('smpp.revokeTitle', { name: open.of.system_id })} action={t('smpp.revoke')} typed={open.of.mode === 'live' ? open.of.system_id : undefined} onClose={() => setOpen(null)} onConfirm={() => revoke(open.of)}>
          {t('smpp.revokeAbout')}
        </ConfirmDialog>
      )}
    </>
  )
}

function More({ of, onOpen }: { of: Credential; onOpen: (open: { what: 'password' | 'revoke'; of: Credential }) => void }): ReactNode {
  const t = useT()
  const navigate = useNavigate()
  const may = useMay('DELETE /v1/smpp-credentials/{id}')
  const mayCapture = useMay('POST /v1/captures')
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" disabled={!may} aria-label={t('smpp.actionsOf', { name: of.system_id })}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="key" />} onClick={() => onOpen({ what: 'password', of })}>{t('smpp.newPassword')}</Menu.Item>
        {mayCapture && (
          <Menu.Item leftSection={<Icon name="pulse" />} onClick={() => void navigate({ to: '/captures', search: { make: 'true', credential: of.id } })}>{t('smpp.capture')}</Menu.Item>
        )}
        <Menu.Item color="red.8" leftSection={<Icon name="stop" />} onClick={() => onOpen({ what: 'revoke', of })}>{t('smpp.revoke')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

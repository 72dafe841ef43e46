// Who may do what? The users of the account with their roles and second factors, the invitations, and the roles.
import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Ident, Time } from '../parts/Values'
import { Invitations } from './Invitations'
import type { Link } from './LinkDialog'
import { Roles } from './Roles'
import { Factors, INVITATIONS, roleWord, type User, USERS } from './user'

const Invite = lazy(() => import('./Invite').then((found) => ({ default: found.Invite })))
const LinkDialog = lazy(() => import('./LinkDialog').then((found) => ({ default: found.LinkDialog })))

export function UsersPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/users' })
  const { view, invite } = useSearch({ from: '/shell/users' })
  const [link, setLink] = useState<Link | null>(null)
  const show = (to: string | null): void => void navigate({ search: (before) => ({ ...before, view: to === 'invitations' || to === 'roles' ? to : undefined }) })
  const setInvite = (open: boolean): void => void navigate({ search: (before) => ({ ...before, invite: open ? 'true' : undefined }) })
  const inviteButton = (
    <Act calls="POST /v1/invitations" leftSection={<Icon name="plus" />} onClick={() => setInvite(true)}>
      {t('users.invite')}
    </Act>
  )
  const operation = view === 'roles' ? 'GET /v1/roles' : view === 'invitations' ? `GET ${INVITATIONS}` as const : `GET ${USERS}` as const

  return (
    <>
      <PageHead
        title={t('users.title')}
        about={t('users.pageAbout')}
        actions={
          <>
            <CopyAsCode request={{ operation }} />
            {inviteButton}
          </>
        }
      />
      <Tabs value={view ?? 'users'} onChange={show} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="users">{t('users.users')}</Tabs.Tab>
          <Tabs.Tab value="invitations">{t('users.invitations')}</Tabs.Tab>
          <Tabs.Tab value="roles">{t('users.roles')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="users"><Members /></Tabs.Panel>
        <Tabs.Panel value="invitations"><Invitations onLink={setLink} invite={inviteButton} /></Tabs.Panel>
        <Tabs.Panel value="roles"><Roles /></Tabs.Panel>
      </Tabs>
      <Suspense>
        {invite === 'true' && <Invite onClose={() => setInvite(false)} onLink={setLink} />}
        {link !== null && <LinkDialog shown={link} onClose={() => setLink(null)} />}
      </Suspense>
    </>
  )
}

function Members(): ReactNode {
  const t = useT()
  const me = useMe()
  const list = useList(USERS, { limit: 100 })
  const columns: Column<User>[] = [
    {
      name: 'name', title: t('users.name'), width: 'minmax(9rem, 1.2fr)',
      cell: (user) => (
        <>
          <TextLink to="/users/$id" params={{ id: user.id }}>
            <bdi dir="auto">{user.name || user.email}</bdi>
          </TextLink>
          {user.id === me.user?.id && ` (${t('users.you')})`}
        </>
      ),
    },
    { name: 'email', title: t('users.email'), width: 'minmax(13rem, 2.2fr)', extra: true, cell: (user) => <Ident>{user.email}</Ident> },
    { name: 'role', title: t('users.role'), width: '7rem', cell: (user) => roleWord(user.role) },
    { name: 'factor', title: t('users.factors'), width: 'minmax(9rem, 1fr)', cell: (user) => <Factors factors={user.second_factor} /> },
    { name: 'seen', title: t('users.lastSignIn'), cell: (user) => <Time at={user.last_sign_in_at} never={t('users.never')} /> },
  ]
  return (
    <DataList
      list={list}
      columns={columns}
      label={t('users.users')}
      rowKey={(user) => user.id}
      empty={<NothingYet icon="people" title={t('users.noUser')} about={t('users.noUserAbout')} />}
    />
  )
}

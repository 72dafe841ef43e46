// One user of the account: the role, the second factors, and what an admin may do.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { Facts } from '../parts/Facts'
import { BackToList, FoundPage } from '../parts/FoundPage'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { notify } from '../parts/Notices'
import { PageHead } from '../parts/PageHead'
import { Ident, Time } from '../parts/Values'
import type { Link } from './LinkDialog'
import { Factors, roleWord, type User, USERS } from './user'

const ChangeRole = lazy(() => import('./ChangeRole').then((found) => ({ default: found.ChangeRole })))
const ResetSignIn = lazy(() => import('./ResetSignIn').then((found) => ({ default: found.ResetSignIn })))
const LinkDialog = lazy(() => import('./LinkDialog').then((found) => ({ default: found.LinkDialog })))

export function UserPage(): ReactNode {
  const { id } = useParams({ from: '/shell/users/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [USERS, id],
    queryFn: () => take(api.GET('/v1/users/{id}', { params: { path: { id } } })),
  })
  return <FoundPage query={query}>{(user) => <OneUser user={user} />}</FoundPage>
}

function OneUser({ user }: { user: User }): ReactNode {
  const t = useT()
  const api = useApi()
  const me = useMe()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const mayAudit = useMay('GET /v1/audit')
  const [open, setOpen] = useState<'role' | 'reset' | 'remove' | null>(null)
  const [link, setLink] = useState<Link | null>(null)
  const name = user.name || user.email
  const self = user.id === me.user?.id
  const close = (): void => setOpen(null)
  const remove = async (): Promise<void> => {
    await take(api.DELETE('/v1/users/{id}', { params: { path: { id: user.id } } }))
    notify(t('users.removed', { name }))
    if (self) {
      // One's rights here are gone: begin again in an account that is left.
      window.location.assign(document.baseURI)
      return
    }
    await navigate({ to: '/users' })
    await queries.invalidateQueries({ queryKey: [USERS] })
  }
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={name}
        about={self ? t('users.self') : undefined}
        actions={
          <>
            <Act calls="PATCH /v1/users/{id}" variant="default" leftSection={<Icon name="shield" />} onClick={() => setOpen('role')}>
              {t('users.changeRole')}
            </Act>
            {!self && (
              <Act calls="POST /v1/users/{id}/reset" variant="default" leftSection={<Icon name="key" />} onClick={() => setOpen('reset')}>
                {t('users.reset')}
              </Act>
            )}
            <Act calls="DELETE /v1/users/{id}" ends leftSection={<Icon name="trash" />} onClick={() => setOpen('remove')}>
              {self ? t('users.leave') : t('users.remove')}
            </Act>
          </>
        }
      />
      <Facts
        facts={[
          [t('users.email'), <Ident key="email">{user.email}</Ident>],
          [t('users.role'), `${roleWord(user.role)}: ${t(`users.about.${user.role}`)}`],
          [t('users.factors'), <Factors key="factors" factors={user.second_factor} />],
          [t('users.lastSignIn'), <Time key="seen" at={user.last_sign_in_at} as="absolute" never={t('users.never')} />],
          [t('users.since'), <Time key="since" at={user.created_at} as="absolute" />],
          [t('users.id'), <Ident key="id">{user.id}</Ident>],
        ]}
      />
      {mayAudit && (
        <p>
          <TextLink to="/audit" search={{ actor: `user:${user.id}` }}>{t('users.toAudit')}</TextLink>
        </p>
      )}
      <Suspense>
        {open === 'role' && <ChangeRole user={user} onClose={close} />}
        {open === 'reset' && <ResetSignIn user={user} onClose={close} onLink={setLink} />}
        {link !== null && <LinkDialog shown={link} onClose={() => setLink(null)} />}
      </Suspense>
      {open === 'remove' && (
        <ConfirmDialog title={self ? t('users.leaveTitle', { account: me.account_name }) : t('users.removeTitle', { name })} action={self ? t('users.leave') : t('users.remove')} typed={user.email} onClose={close} onConfirm={remove}>
          {self ? t('users.leaveAbout') : t('users.removeAbout')}
        </ConfirmDialog>
      )}
    </>
  )
}

// Who stands behind this account, and is that verified? One's own profile; for operators, also the queue of all others.
import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMay, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { PageHead } from '../parts/PageHead'
import { OneProfile } from './OneProfile'
import { Queue } from './Queue'

export function ProfilePage(): ReactNode {
  const t = useT()
  const me = useMe()
  const navigate = useNavigate({ from: '/profile' })
  const { view } = useSearch({ from: '/shell/profile' })
  const decides = useMay('POST /v1/profiles/{account_id}/decide')
  const show = (to: string | null): void => void navigate({ search: ({ account, mode }) => ({ account, mode, view: to === 'queue' ? to : undefined }) })
  const own = <OneProfile key={me.account_id} id={me.account_id} />
  return (
    <>
      <PageHead
        title={t('profile.title')}
        about={t('profile.about')}
        actions={<CopyAsCode request={view === 'queue' ? { operation: 'GET /v1/profiles' } : { operation: 'GET /v1/profiles/{account_id}', path: { account_id: me.account_id } }} />}
      />
      {decides ? (
        <Tabs value={view ?? 'own'} onChange={show} keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="own">{t('profile.own')}</Tabs.Tab>
            <Tabs.Tab value="queue">{t('profile.queue')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="own">{own}</Tabs.Panel>
          <Tabs.Panel value="queue"><Queue /></Tabs.Panel>
        </Tabs>
      ) : (
        own
      )}
    </>
  )
}

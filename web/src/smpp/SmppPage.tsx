// Does my customer's bind work? Credentials, the binds that are open now, and those that were refused, with the reason.
import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Icon } from '../parts/Icon'
import { PageHead } from '../parts/PageHead'
import { Binds } from './Binds'
import { Credentials } from './Credentials'
import { RefusedBinds } from './RefusedBinds'
import './smpp.css'

const NewCredential = lazy(() => import('./NewCredential').then((found) => ({ default: found.NewCredential })))
const SecretDialog = lazy(() => import('../parts/SecretDialog').then((found) => ({ default: found.SecretDialog })))

/** A password that is shown once, and whose it is. */
export type Password = { name: string; password: string }

export function SmppPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/smpp' })
  const search = useSearch({ from: '/shell/smpp' })
  const [made, setMade] = useState<Password | null>(null)
  const make = (open: boolean): void => void navigate({ search: (before) => ({ ...before, make: open ? 'true' : undefined }) })
  const makeButton = (
    <Act calls="POST /v1/smpp-credentials" leftSection={<Icon name="plus" />} onClick={() => make(true)}>
      {t('smpp.make')}
    </Act>
  )
  const tab = search.tab ?? 'credentials'
  return (
    <>
      <PageHead
        title={t('smpp.title')}
        about={t('smpp.about')}
        actions={
          <>
            <CopyAsCode request={{ operation: tab === 'binds' ? 'GET /v1/smpp-binds' : tab === 'refused' ? 'GET /v1/smpp-binds/refused' : 'GET /v1/smpp-credentials' }} />
            {makeButton}
          </>
        }
      />
      <Tabs keepMounted={false} value={tab} onChange={(to) => void navigate({ search: (before) => ({ ...before, tab: to === 'binds' || to === 'refused' ? to : undefined }) })}>
        <Tabs.List mb="md">
          <Tabs.Tab value="credentials">{t('smpp.credentials')}</Tabs.Tab>
          <Tabs.Tab value="binds">{t('smpp.binds')}</Tabs.Tab>
          <Tabs.Tab value="refused">{t('smpp.refused')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="credentials">
          <Credentials makeButton={makeButton} onPassword={setMade} />
        </Tabs.Panel>
        <Tabs.Panel value="binds">
          <Binds />
        </Tabs.Panel>
        <Tabs.Panel value="refused">
          <RefusedBinds />
        </Tabs.Panel>
      </Tabs>
      <Suspense>
        {search.make === 'true' && <NewCredential onClose={() => make(false)} onMade={setMade} />}
        {made !== null && <SecretDialog title={t('smpp.passwordOf', { name: made.name })} about={t('smpp.passwordAbout')} what={t('smpp.password')} secret={made.password} onClose={() => setMade(null)} />}
      </Suspense>
    </>
  )
}

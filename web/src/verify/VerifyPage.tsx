// Do codes arrive, and are they typed? The verifications, how many were approved, and the profiles that they are made by.
import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { oneOf } from '../app/search'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Export } from '../parts/Export'
import { Icon } from '../parts/Icon'
import { PageHead } from '../parts/PageHead'
import { Waiting } from '../parts/States'
import { blocksOf, filtersOf, queryOf, VIEWS } from './search'
import { Verifications } from './Verifications'
import './verify.css'

const Figures = lazy(() => import('./Figures').then((found) => ({ default: found.Figures })))
const Guards = lazy(() => import('./Guards').then((found) => ({ default: found.Guards })))
const Profiles = lazy(() => import('./Profiles').then((found) => ({ default: found.Profiles })))
const TryIt = lazy(() => import('./TryIt').then((found) => ({ default: found.TryIt })))

const viewOf = oneOf(...VIEWS)

export function VerifyPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/verify' })
  const search = useSearch({ from: '/shell/verify' })
  const { view, attempt, make, open } = search
  const query = view === undefined ? queryOf(filtersOf(search)) : undefined
  // A profile that the trial needs is made first; then the trial goes on.
  const trying = attempt === 'true' && make === undefined && open === undefined
  const show = (to: string | null): void => void navigate({ search: ({ account, mode }) => ({ account, mode, view: viewOf(to) }) })
  const setTrying = (open: boolean): void => void navigate({ search: (before) => ({ ...before, attempt: open ? 'true' : undefined }) })
  const operation = view === 'profiles' ? 'GET /v1/verify-profiles' : view === 'figures' ? 'GET /v1/reports/verifications' : view === 'guards' ? 'GET /v1/verify-blocks' : 'GET /v1/verifications'
  const tryButton = (
    <Act calls="POST /v1/verifications" leftSection={<Icon name="play" />} onClick={() => setTrying(true)}>
      {t('verify.try')}
    </Act>
  )
  return (
    <>
      <PageHead
        title={t('verify.title')}
        about={t('verify.about')}
        actions={
          <>
            <CopyAsCode request={{ operation, query }} />
            {query !== undefined && <Export path="/v1/verifications/export" query={query} name="verifications" />}
            {view === 'guards' && <Export path="/v1/verify-blocks/export" query={blocksOf(search)} name="verify-blocks" />}
            {tryButton}
          </>
        }
      />
      <Tabs value={view ?? 'list'} onChange={show} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="list">{t('verify.list')}</Tabs.Tab>
          <Tabs.Tab value="figures">{t('verify.figures')}</Tabs.Tab>
          <Tabs.Tab value="profiles">{t('verify.profiles')}</Tabs.Tab>
          <Tabs.Tab value="guards">{t('verify.guards')}</Tabs.Tab>
        </Tabs.List>
        <Suspense fallback={<Waiting />}>
          <Tabs.Panel value="list"><Verifications action={tryButton} /></Tabs.Panel>
          <Tabs.Panel value="figures"><Figures /></Tabs.Panel>
          <Tabs.Panel value="profiles"><Profiles /></Tabs.Panel>
          <Tabs.Panel value="guards"><Guards /></Tabs.Panel>
        </Suspense>
      </Tabs>
      <Suspense>{trying && <TryIt onClose={() => setTrying(false)} />}</Suspense>
    </>
  )
}

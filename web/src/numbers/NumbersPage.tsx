// Which number goes where? The numbers of accounts with their keywords and what gets their messages; and the ranges by
// which numbers belong to networks.
import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Export } from '../parts/Export'
import { Icon } from '../parts/Icon'
import { PageHead } from '../parts/PageHead'
import { queryOf } from './number'
import { Numbers } from './Numbers'
import './numbers.css'

const EditNumber = lazy(() => import('./EditNumber').then((found) => ({ default: found.EditNumber })))
const Ranges = lazy(() => import('./Ranges').then((found) => ({ default: found.Ranges })))
const ImportRanges = lazy(() => import('./ImportRanges').then((found) => ({ default: found.ImportRanges })))

export function NumbersPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/numbers' })
  const { tab = 'numbers', make, ...search } = useSearch({ from: '/shell/numbers' })
  const query = queryOf(search)
  const operates = useMay('GET /v1/number-ranges')
  const open = (to: boolean): void => void navigate({ search: (before) => ({ ...before, make: to ? 'true' : undefined }) })
  const give = <Act calls="POST /v1/numbers" leftSection={<Icon name="plus" />} onClick={() => open(true)}>{t('numbers.give')}</Act>
  const put = <Act calls="PUT /v1/number-ranges" leftSection={<Icon name="plus" />} onClick={() => open(true)}>{t('numbers.import')}</Act>
  return (
    <>
      <PageHead
        title={t('numbers.title')}
        about={t('numbers.about')}
        actions={
          <>
            <CopyAsCode request={tab === 'ranges' ? { operation: 'GET /v1/number-ranges' } : { operation: 'GET /v1/numbers', query }} />
            {tab === 'numbers' && <Export path="/v1/numbers/export" query={query} name="numbers" />}
            {tab === 'ranges' ? put : give}
          </>
        }
      />
      {operates ? (
        <Tabs keepMounted={false} value={tab} onChange={(to) => void navigate({ search: (before) => ({ account: before.account, mode: before.mode, tab: to === 'ranges' ? to : undefined }) })}>
          <Tabs.List mb="md">
            <Tabs.Tab value="numbers">{t('numbers.numbers')}</Tabs.Tab>
            <Tabs.Tab value="ranges">{t('numbers.ranges')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="numbers">
            <Numbers giveButton={give} />
          </Tabs.Panel>
          <Tabs.Panel value="ranges">
            <Suspense>
              <Ranges importButton={put} />
            </Suspense>
          </Tabs.Panel>
        </Tabs>
      ) : (
        <Numbers giveButton={give} />
      )}
      <Suspense>
        {make === 'true' && (tab === 'ranges' ? <ImportRanges onClose={() => open(false)} /> : <EditNumber onClose={() => open(false)} />)}
      </Suspense>
    </>
  )
}

// Is this installation sound? The checks of the doctor, the nodes, and the settings with their sources.
import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { PageHead } from '../parts/PageHead'
import { Checks } from './Checks'
import { Nodes } from './Nodes'
import { SettingsList } from './SettingsList'
import './doctor.css'

export function DoctorPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/settings' })
  const { view } = useSearch({ from: '/shell/settings' })
  const show = (to: string | null): void => void navigate({ search: () => ({ view: to === 'nodes' || to === 'settings' ? to : undefined }) })
  const operation = view === 'nodes' ? 'GET /v1/nodes' : view === 'settings' ? 'GET /v1/settings' : 'POST /v1/doctor'
  return (
    <>
      <PageHead title={t('doctor.title')} about={t('doctor.about')} actions={<CopyAsCode request={{ operation }} />} />
      <Tabs value={view ?? 'doctor'} onChange={show} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="doctor">{t('doctor.doctor')}</Tabs.Tab>
          <Tabs.Tab value="nodes">{t('doctor.nodes')}</Tabs.Tab>
          <Tabs.Tab value="settings">{t('doctor.settings')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="doctor"><Checks /></Tabs.Panel>
        <Tabs.Panel value="nodes"><Nodes /></Tabs.Panel>
        <Tabs.Panel value="settings"><SettingsList /></Tabs.Panel>
      </Tabs>
    </>
  )
}

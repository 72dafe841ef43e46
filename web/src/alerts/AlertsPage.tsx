// What needs me? What fires, with what to do about it; what fired before; and the rules.
import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { Export } from '../parts/Export'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Ident, Time } from '../parts/Values'
import { type Alert, ALERTS, AlertState, RULES } from './alert'
import { Firing } from './Firing'
import { Rules } from './Rules'
import { AlertSummary } from './words'
import './alerts.css'

const TABS = ['firing', 'history', 'rules'] as const
type Tab = (typeof TABS)[number]

export function AlertsPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/alerts' })
  const { show } = useSearch({ from: '/shell/alerts' })
  const tab: Tab = show ?? 'firing'
  const query = tab === 'firing' ? ({ status: 'firing' } as const) : {}
  const open = (to: string | null): void =>
    void navigate({ search: (before) => ({ ...before, rule: undefined, show: to === 'history' || to === 'rules' ? to : undefined }) })
  return (
    <>
      <PageHead
        title={t('alerts.title')}
        about={t('alerts.about')}
        actions={
          <>
            <CopyAsCode request={tab === 'rules' ? { operation: `GET ${RULES}` } : { operation: `GET ${ALERTS}`, query }} />
            {tab !== 'rules' && <Export path="/v1/alerts/export" query={query} name="alerts" />}
          </>
        }
      />
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List mb="md" aria-label={t('alerts.title')}>
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`alerts.tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="firing">
          <Firing />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <History />
        </Tabs.Panel>
        <Tabs.Panel value="rules">
          <Rules />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function History(): ReactNode {
  const t = useT()
  const format = useFormat()
  const list = useList(ALERTS, { limit: 50 })
  const columns: Column<Alert>[] = [
    {
      name: 'what', title: t('alerts.what'), width: 'minmax(14rem, 3fr)',
      cell: (alert) => (
        <TextLink to="/alerts/$id" params={{ id: alert.id }}>
          <AlertSummary alert={alert} />
        </TextLink>
      ),
    },
    { name: 'state', title: t('alerts.state'), width: '8rem', cell: (alert) => <AlertState alert={alert} /> },
    { name: 'rule', title: t('alerts.rule'), extra: true, width: 'minmax(9rem, 1fr)', cell: (alert) => <Ident>{alert.rule}</Ident> },
    { name: 'started', title: t('alerts.started'), cell: (alert) => <Time at={alert.started_at} as="short" /> },
    { name: 'lasted', title: t('alerts.lasted'), cell: (alert) => (alert.resolved_at === null ? '–' : <bdi>{format.duration(Date.parse(alert.resolved_at) - Date.parse(alert.started_at))}</bdi>) },
  ]
  return (
    <DataList
      list={list}
      columns={columns}
      label={t('alerts.tab.history')}
      rowKey={(alert) => alert.id}
      rowTone={(alert) => (alert.status === 'resolved' ? 'faded' : undefined)}
      empty={
        <NothingYet
          icon="bell"
          title={t('alerts.none')}
          about={t('alerts.noneAbout')}
          action={
            <TextLink to="/alerts" search={{ show: 'rules' }}>
              <Icon name="list" size={14} /> {t('alerts.tab.rules')}
            </TextLink>
          }
        />
      }
    />
  )
}

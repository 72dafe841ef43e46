// The rules: what each watches, from where on it fires, and whether it is on.
import { Button } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { useT } from '../i18n/i18n'
import { type Column, DataList } from '../parts/DataList'
import { useFormat } from '../parts/format'
import { NothingYet } from '../parts/States'
import { StatusBadge } from '../parts/StatusBadge'
import { useList } from '../parts/useList'
import { Ident, Time } from '../parts/Values'
import { type Rule, RULES } from './alert'
import { figureOf } from './order'
import { AlertWords } from './words'

const ChangeRule = lazy(() => import('./ChangeRule').then((found) => ({ default: found.ChangeRule })))

export function Rules(): ReactNode {
  const t = useT()
  const format = useFormat()
  const navigate = useNavigate({ from: '/alerts' })
  const { rule: opened } = useSearch({ from: '/shell/alerts' })
  const list = useList(RULES, { limit: 100 })
  const open = (rule: string | undefined): void => void navigate({ search: (before) => ({ ...before, rule }) })
  const columns: Column<Rule>[] = [
    { name: 'name', title: t('alerts.rule'), width: 'minmax(10rem, 1fr)', cell: (rule) => <Ident>{rule.name}</Ident> },
    { name: 'about', title: t('alerts.watches'), width: 'minmax(14rem, 2.5fr)', cell: (rule) => <AlertWords>{rule.about}</AlertWords> },
    {
      name: 'fires', title: t('alerts.fires'), width: 'minmax(9rem, 1fr)',
      cell: (rule) => {
        const when = t(`alerts.when.${rule.breached}`, { value: figureOf(rule.threshold, rule.unit, format) })
        return rule.for_seconds === 0 ? when : t('alerts.whenFor', { when, time: format.duration(rule.for_seconds * 1000) })
      },
    },
    { name: 'severity', title: t('alerts.severity'), width: '9rem', extra: true, cell: (rule) => t(`alerts.severity.${rule.severity}`) },
    { name: 'state', title: t('alerts.state'), width: 'minmax(7.5rem, 0.7fr)', cell: (rule) => <RuleState rule={rule} /> },
    {
      name: 'change', title: t('alerts.change'), width: '6rem', align: 'end',
      cell: (rule) => (
        <Button variant="default" size="compact-sm" aria-label={t('alerts.changeRule', { rule: rule.name })} onClick={() => open(rule.name)}>
          {t('alerts.change')}
        </Button>
      ),
    },
  ]
  const shown = list.rows.find((rule) => rule.name === opened)
  return (
    <>
      <DataList
        list={list}
        columns={columns}
        label={t('alerts.tab.rules')}
        rowKey={(rule) => rule.name}
        rowTone={(rule) => (rule.enabled ? undefined : 'faded')}
        empty={<NothingYet icon="bell" title={t('alerts.noRules')} about={t('alerts.noRulesAbout')} />}
      />
      <Suspense>{shown !== undefined && <ChangeRule rule={shown} onClose={() => open(undefined)} />}</Suspense>
    </>
  )
}

function RuleState({ rule }: { rule: Rule }): ReactNode {
  const t = useT()
  if (!rule.enabled) return <StatusBadge tone="quiet" icon="stop">{t('alerts.off')}</StatusBadge>
  if (rule.muted_until !== null && Date.parse(rule.muted_until) > Date.now()) {
    return (
      <>
        <StatusBadge tone="warn" icon="pause">{t('alerts.muted')}</StatusBadge>{' '}
        <span className="o-muted-until">{t('alerts.until')} <Time at={rule.muted_until} as="short" /></span>
      </>
    )
  }
  return <StatusBadge tone="good">{t('alerts.on')}</StatusBadge>
}

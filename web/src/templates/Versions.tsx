// The versions of a template that were approved, and the one that comes next. Each can be read as it was sent.
import { Text } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { useT } from '../i18n/i18n'
import { type Column, DataList } from '../parts/DataList'
import { TextLink } from '../parts/Link'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Ident, Time } from '../parts/Values'
import { TemplateState } from './State'
import { languagesOf, type Template, type Version, VERSIONS } from './template'

const VersionDialog = lazy(() => import('./VersionDialog').then((found) => ({ default: found.VersionDialog })))

export function Versions({ template }: { template: Template }): ReactNode {
  const t = useT()
  const { number } = useSearch({ from: '/shell/templates/$id' })
  const navigate = useNavigate({ from: '/templates/$id' })
  const list = useList(VERSIONS, { limit: 50 }, { path: { id: template.id } })
  const columns: Column<Version>[] = [
    {
      name: 'number', title: t('templates.version'), width: 'minmax(6rem, 0.6fr)',
      cell: (version) => (
        <TextLink to="/templates/$id" params={{ id: template.id }} search={{ view: 'versions', number: String(version.number) }}>
          {t('templates.versionNumber', { number: version.number })}
        </TextLink>
      ),
    },
    { name: 'state', title: t('templates.state'), width: 'minmax(9rem, 1fr)', cell: (version) => <TemplateState state={version.state} /> },
    { name: 'languages', title: t('templates.languages'), width: 'minmax(8rem, 1.2fr)', cell: (version) => <Ident>{languagesOf(version).join(', ')}</Ident> },
    { name: 'approved', title: t('templates.approvedAt'), width: 'minmax(7rem, 1fr)', cell: (version) => <Time at={version.created_at} as="short" /> },
    { name: 'retired', title: t('templates.retiredAt'), width: 'minmax(7rem, 1fr)', cell: (version) => <Time at={version.retired_at} as="short" /> },
  ]
  return (
    <>
      <Text c="dimmed" mb="sm" maw="40rem">
        {t('templates.versionsAbout')}
      </Text>
      <DataList list={list} columns={columns} label={t('templates.view.versions')} rowKey={(version) => String(version.number)} rowTone={(version) => (version.state === 'retired' ? 'faded' : undefined)} empty={<NothingYet icon="clock" title={t('templates.noVersions')} about={t('templates.noVersionsAbout')} />} />
      <Suspense>
        {number !== undefined && /^\d+$/.test(number) && <VersionDialog template={template} number={Number(number)} onClose={() => void navigate({ search: (before) => ({ ...before, number: undefined }) })} />}
      </Suspense>
    </>
  )
}

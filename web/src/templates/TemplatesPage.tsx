// Which texts are there to send, and which of them may be sent? The templates of the account.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { text } from '../app/search'
import { useT } from '../i18n/i18n'
import { CLASSES } from '../messages/shape'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { type FilterField, FilterBar, type Filters, isFiltered } from '../parts/FilterBar'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Count, Ident, Time } from '../parts/Values'
import { purposeOfSearch, STATES, stateOfSearch } from './search'
import { TemplateState } from './State'
import { languagesOf, type Template, TEMPLATES } from './template'

const NewTemplate = lazy(() => import('./NewTemplate').then((found) => ({ default: found.NewTemplate })))

export function TemplatesPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/templates' })
  const { account: _account, mode: _mode, make, ...value } = useSearch({ from: '/shell/templates' })
  const list = useList(TEMPLATES, { ...value, limit: 100 })
  const setMake = (open: boolean): void => void navigate({ search: (before) => ({ ...before, make: open ? ('true' as const) : undefined }) })
  const filter = (to: Filters): void =>
    void navigate({ search: (before) => ({ ...before, state: stateOfSearch(to.state), purpose: purposeOfSearch(to.purpose), name: text(to.name) }) })
  const fields: FilterField[] = [
    { name: 'name', label: t('templates.name'), kind: 'text', accepts: () => true },
    { name: 'state', label: t('templates.state'), kind: 'choice', options: STATES.map((each) => ({ value: each, label: t(`templates.state.${each}`) })) },
    { name: 'purpose', label: t('templates.purpose'), kind: 'choice', options: CLASSES.map((each) => ({ value: each, label: t(`messages.class.${each}`) })) },
  ]
  const columns: Column<Template>[] = [
    {
      name: 'name', title: t('templates.name'), width: 'minmax(10rem, 1.6fr)',
      cell: (template) => (
        <TextLink to="/templates/$id" params={{ id: template.id }}>
          <Ident>{template.name}</Ident>
        </TextLink>
      ),
    },
    { name: 'state', title: t('templates.state'), width: 'minmax(9rem, 1fr)', cell: (template) => <TemplateState state={template.state} rejected={template.reasons.length > 0} /> },
    { name: 'version', title: t('templates.version'), width: '5.5rem', align: 'end', cell: (template) => <Count value={template.number} /> },
    { name: 'approved', title: t('templates.sent'), width: '5.5rem', align: 'end', cell: (template) => (template.approved === null ? '–' : <Count value={template.approved} />) },
    { name: 'purpose', title: t('templates.purpose'), width: 'minmax(8rem, 1fr)', extra: true, cell: (template) => t(`messages.class.${template.purpose}`) },
    { name: 'languages', title: t('templates.languages'), width: 'minmax(8rem, 1.2fr)', extra: true, cell: (template) => <Ident>{languagesOf(template).join(', ')}</Ident> },
    { name: 'made', title: t('templates.made'), cell: (template) => <Time at={template.created_at} /> },
  ]
  const button = (
    <Act calls="POST /v1/templates" leftSection={<Icon name="plus" />} onClick={() => setMake(true)}>
      {t('templates.make')}
    </Act>
  )
  return (
    <>
      <PageHead
        title={t('templates.title')}
        about={t('templates.about')}
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/templates', query: value }} />
            {button}
          </>
        }
      />
      <FilterBar label={t('templates.filter')} fields={fields} value={value} onChange={filter} />
      <DataList
        list={list}
        columns={columns}
        label={t('templates.title')}
        rowKey={(template) => template.id}
        rowTone={(template) => (template.state === 'retired' ? 'faded' : undefined)}
        empty={<NothingYet icon="template" title={t('templates.none')} about={t('templates.noneAbout')} action={button} />}
        onClear={isFiltered(fields, value) ? () => filter({}) : undefined}
      />
      <Suspense>{make === 'true' && <NewTemplate onClose={() => setMake(false)} />}</Suspense>
    </>
  )
}

// Why was it not taken? Requests that the account sent and onesixty refused, over HTTP and SMPP.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { components } from '../api/schema'
import { oneOf, text } from '../app/search'
import { since, SPAN_NAMES } from '../app/span'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { Export } from '../parts/Export'
import { type FilterField, FilterBar, type Filters, isFiltered } from '../parts/FilterBar'
import { Who } from '../parts/Named'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Count, Ident, PhoneNumber, ServerWords, Time } from '../parts/Values'
import { Views } from '../parts/Views'
import { refusalsSearch } from './search'

type Refusal = components['schemas']['RefusalView']

const REFUSALS = '/v1/refusals'
const spanOf = oneOf(...SPAN_NAMES)

export function RefusalsPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/refusals' })
  const { account: _account, mode: _mode, last, ...search } = useSearch({ from: '/shell/refusals' })
  const [anchor, setAnchor] = useState(() => Date.now())
  const query = { ...search, ...since(last, anchor) }
  const list = useList(REFUSALS, { ...query, limit: 100 })
  const value = { ...search, last }
  const fields: FilterField[] = [
    { name: 'to', label: t('refusals.to'), kind: 'text', accepts: (typed) => /^\+?\d+$/.test(typed) },
    { name: 'request_id', label: t('refusals.request'), kind: 'text', accepts: (typed) => typed.startsWith('req_') },
    { name: 'code', label: t('refusals.code'), kind: 'text', accepts: (typed) => /^[a-z_]{4,}$/.test(typed) },
    { name: 'door', label: t('refusals.door'), kind: 'choice', options: [{ value: 'v1', label: 'HTTP' }, { value: 'smpp', label: 'SMPP' }] },
    { name: 'last', label: t('refusals.time'), kind: 'choice', options: SPAN_NAMES.map((span) => ({ value: span, label: t(`refusals.last.${span}`) })) },
  ]
  const filter = (to: Filters): void => {
    setAnchor(Date.now())
    void navigate({
      search: (before) => ({
        ...before, to: text(to.to), request_id: text(to.request_id), code: text(to.code), door: text(to.door), last: spanOf(to.last),
      }),
    })
  }
  const columns: Column<Refusal>[] = [
    { name: 'time', title: t('refusals.time'), width: 'minmax(7rem, 0.7fr)', cell: (refusal) => <Time at={refusal.created_at} /> },
    {
      name: 'why', title: t('refusals.why'), width: 'minmax(14rem, 3fr)',
      cell: (refusal) => (
        <>
          <ServerWords>{refusal.detail ?? refusal.title}</ServerWords>{' '}
          <Ident>{refusal.param === null ? refusal.code : `${refusal.code} · ${refusal.param}`}</Ident>
        </>
      ),
    },
    { name: 'to', title: t('refusals.to'), width: 'minmax(9.2rem, 0.8fr)', cell: (refusal) => <PhoneNumber value={refusal.to} /> },
    { name: 'caller', title: t('refusals.caller'), width: 'minmax(8rem, 1fr)', extra: true, cell: (refusal) => <Who who={refusal.caller} /> },
    { name: 'request', title: t('refusals.request'), width: 'minmax(8rem, 1fr)', extra: true, cell: (refusal) => <Ident>{refusal.request_id}</Ident> },
    { name: 'count', title: t('refusals.count'), width: '4.5rem', align: 'end', cell: (refusal) => <Count value={refusal.count} /> },
  ]

  return (
    <>
      <PageHead title={t('refusals.title')} about={t('refusals.about')} actions={<><CopyAsCode request={{ operation: 'GET /v1/refusals', query }} /><Export path="/v1/refusals/export" query={query} name="refusals" /></>} />
      <Views page="refusals" search={value} read={refusalsSearch} />
      <FilterBar label={t('refusals.filter')} fields={fields} value={value} onChange={filter} />
      <DataList
        list={list}
        columns={columns}
        label={t('refusals.title')}
        rowKey={(refusal) => refusal.id}
        empty={<NothingYet icon="check" title={t('refusals.none')} about={t('refusals.noneAbout')} />}
        onClear={isFiltered(fields, value) ? () => filter({}) : undefined}
      />
    </>
  )
}

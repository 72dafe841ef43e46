// How far are the messages of each call that sent many? The batches of the account; for operators, also of all accounts.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { since, SPAN_NAMES } from '../app/span'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { EVERY } from '../messages/shape'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { Export } from '../parts/Export'
import { type FilterField, FilterBar, type Filters, isFiltered } from '../parts/FilterBar'
import { Icon } from '../parts/Icon'
import { ButtonLink, TextLink } from '../parts/Link'
import { Named } from '../parts/Named'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Count, Time } from '../parts/Values'
import { type Batch, BATCHES } from './batch'
import { BatchState } from './State'
import { accountOfSearch, spanOfSearch, STATES, stateOfSearch } from './search'

const EVERY_MS = 5_000

export function BatchesPage(): ReactNode {
  const t = useT()
  const me = useMe()
  const navigate = useNavigate({ from: '/batches' })
  const { account: _account, mode: _mode, ...value } = useSearch({ from: '/shell/batches' })
  const [anchor, setAnchor] = useState(() => Date.now())
  const { last, ...others } = value
  const query = { ...others, ...since(last, anchor) }
  const list = useList(BATCHES, { ...query, limit: 50 }, { every: EVERY_MS })
  const everywhere = value.account_id === EVERY
  const fields: FilterField[] = [
    { name: 'state', label: t('batches.state'), kind: 'choice', options: STATES.map((each) => ({ value: each, label: t(`batches.state.${each}`) })) },
    { name: 'last', label: t('messages.time'), kind: 'choice', options: SPAN_NAMES.map((span) => ({ value: span, label: t(`messages.last.${span}`) })) },
    ...(me.operator && me.scopes.includes('accounts') && me.mode === 'live' ? [{ name: 'account_id', label: t('messages.accounts'), kind: 'choice', options: [{ value: EVERY, label: t('messages.everyAccount') }] } as const] : []),
  ]
  const filter = (to: Filters): void => {
    setAnchor(Date.now())
    void navigate({ search: (before) => ({ ...before, state: stateOfSearch(to.state), last: spanOfSearch(to.last), account_id: accountOfSearch(to.account_id) }) })
  }
  const columns: Column<Batch>[] = [
    {
      name: 'made', title: t('messages.time'), width: 'minmax(8rem, 1fr)',
      cell: (batch) => (
        // A batch of another account is shown in that account.
        <TextLink to="/batches/$id" params={{ id: batch.id }} search={batch.account_id === me.account_id ? {} : { account: batch.account_id }}>
          <Time at={batch.created_at} as="short" />
        </TextLink>
      ),
    },
    ...(everywhere ? [{ name: 'account', title: t('messages.account'), width: 'minmax(8rem, 1.4fr)', cell: (batch) => <Named id={batch.account_id} /> } satisfies Column<Batch>] : []),
    { name: 'state', title: t('batches.state'), width: 'minmax(9rem, 1.2fr)', cell: (batch) => <BatchState batch={batch} /> },
    // When it goes: before that, and afterwards when it was to go.
    { name: 'goes', title: t('batches.goes'), width: 'minmax(7rem, 1fr)', cell: (batch) => (batch.scheduled_at === null ? t('batches.atOnce') : <Time at={batch.scheduled_at} as="short" />) },
    { name: 'size', title: t('batches.size'), align: 'end', cell: (batch) => <Count value={batch.size} /> },
    // While it is being accepted, its row has no numbers yet: its page counts the messages.
    { name: 'accepted', title: t('batches.accepted'), align: 'end', cell: (batch) => (batch.accepted_at === null ? '…' : <Count value={batch.accepted} />) },
    { name: 'refused', title: t('batches.refused'), align: 'end', cell: (batch) => (batch.accepted_at === null ? '…' : <Count value={batch.refused} />) },
  ]
  const send = (
    <ButtonLink to="/send" search={{ many: 'list' }} leftSection={<Icon name="send" />}>
      {t('batches.send')}
    </ButtonLink>
  )
  return (
    <>
      <PageHead
        title={t('batches.title')}
        about={everywhere ? t('batches.aboutEvery') : t('batches.about')}
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/batches', query }} />
            <Export path="/v1/batches/export" query={query} name="batches" />
            {send}
          </>
        }
      />
      <FilterBar label={t('batches.filter')} fields={fields} value={value} onChange={filter} />
      <DataList
        list={list}
        columns={columns}
        label={t('batches.title')}
        rowKey={(batch) => batch.id}
        rowTone={(batch) => (batch.canceled_at === null ? undefined : 'faded')}
        empty={<NothingYet icon="list" title={t('batches.none')} about={t('batches.noneAbout')} action={send} />}
        onClear={isFiltered(fields, value) ? () => filter({}) : undefined}
      />
    </>
  )
}

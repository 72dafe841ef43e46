// The list of verifications, with filters. What a guard holds or blocks says which guard.
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { moment } from '../app/search'
import { useT } from '../i18n/i18n'
import { countryName, countryShown } from '../messages/fields'
import { type Column, DataList } from '../parts/DataList'
import { type FilterField, FilterBar, type Filters, isFiltered, useNegations } from '../parts/FilterBar'
import { typedTime, useFormat } from '../parts/format'
import { TextLink } from '../parts/Link'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Count, Ident, Nothing, Time } from '../parts/Values'
import { useProfiles } from './useProfiles'
import { CHANNELS, FIGURES, filtersOf, NEGATED, NONE, queryOf, STATUSES } from './search'
import { GUARDS, Recipient, useGuardName, type Verification, VERIFICATIONS, VerificationStatus } from './verification'

const EVERY_MS = 5_000
const isTime = (typed: string): boolean => /^\d{4}-\d\d-\d\d/.test(typed)

export function Verifications({ action }: { action: ReactNode }): ReactNode {
  const t = useT()
  const guardName = useGuardName()
  const navigate = useNavigate({ from: '/verify' })
  const value = filtersOf(useSearch({ from: '/shell/verify' }))
  const list = useList(VERIFICATIONS, { ...queryOf(value), limit: 100 }, { every: EVERY_MS })
  const profiles = useProfiles()
  const format = useFormat()
  const shown = (value: string): string => typedTime(format, value)
  const orUnknown = (value: string): string => (value === NONE ? t('verify.unknown') : countryShown(value))
  const nameOf = (id: string): string => profiles.find((each) => each.id === id)?.name ?? id
  const known: FilterField[] = [
    { name: 'status', label: t('verify.status'), kind: 'choice', options: STATUSES.map((each) => ({ value: each, label: t(`verify.status.${each}`) })) },
    { name: 'to', label: t('verify.to'), kind: 'text', accepts: (typed) => /^\+?\d{7,}$/.test(typed) || typed.includes('@') },
    { name: 'profile_id', label: t('verify.profile'), kind: 'choice', options: profiles.map(({ id, name }) => ({ value: id, label: name })) },
    { name: 'country', label: t('verify.country'), kind: 'text', accepts: (typed) => /^[A-Za-z]{2}$/.test(typed), reads: filtersOf.shape.country, shown: orUnknown },
    { name: 'network', label: t('verify.by.network'), kind: 'text', accepts: (typed) => /^\d{5,6}$/.test(typed), shown: orUnknown },
    { name: 'channel', label: t('verify.channel'), kind: 'choice', options: CHANNELS.map((each) => ({ value: each, label: t(`verify.channel.${each}`) })) },
    { name: 'guard', label: t('verify.guard'), kind: 'choice', options: GUARDS.map((each) => ({ value: each, label: guardName(each) })) },
    { name: 'reference', label: t('verify.reference'), kind: 'text' },
    { name: 'counted_as', label: t('verify.countedAs'), kind: 'choice', options: FIGURES.map((each) => ({ value: each, label: t(each === 'started' || each === 'judged' || each === 'unreported' ? `verify.figure.${each}` : `verify.status.${each}`) })) },
    { name: 'created_after', label: t('verify.since'), kind: 'text', accepts: isTime, reads: moment, shown },
    { name: 'created_before', label: t('verify.until'), kind: 'text', accepts: isTime, reads: moment, shown },
  ]
  const fields = useNegations(known, NEGATED)
  const filter = (given: Filters): void => void navigate({ search: ({ account, mode, view, attempt }) => ({ account, mode, view, attempt, ...filtersOf(given) }) })
  const columns: Column<Verification>[] = [
    {
      name: 'to', title: t('verify.to'), width: 'minmax(9.4rem, 1.2fr)',
      cell: (one) => (
        <TextLink to="/verify/$id" params={{ id: one.id }}>
          <Recipient address={one.to} />
        </TextLink>
      ),
    },
    {
      name: 'status', title: t('verify.status'), width: 'minmax(9rem, 1.3fr)',
      cell: (one) => (
        <span className="o-verify-status">
          <VerificationStatus status={one.status} />
          {one.guard !== null && <span className="o-verify-more">{guardName(one.guard)}</span>}
        </span>
      ),
    },
    { name: 'profile', title: t('verify.profile'), width: 'minmax(5.5rem, 0.8fr)', cell: (one) => <bdi dir="auto">{nameOf(one.profile_id)}</bdi> },
    { name: 'channel', title: t('verify.channel'), width: '5.5rem', extra: true, cell: (one) => t(`verify.channel.${one.channel}`) },
    { name: 'country', title: t('verify.country'), width: 'minmax(6.5rem, 0.8fr)', extra: true, cell: (one) => (one.country === null ? <Nothing /> : countryName(one.country)) },
    { name: 'sends', title: t('verify.sends'), width: '4.25rem', cell: (one) => <Count value={one.sends.length} /> },
    { name: 'reference', title: t('verify.reference'), width: 'minmax(6rem, 0.8fr)', extra: true, cell: (one) => (one.reference === null ? <Nothing /> : <Ident>{one.reference}</Ident>) },
    { name: 'made', title: t('verify.started'), width: 'minmax(7.5rem, 0.8fr)', cell: (one) => <Time at={one.created_at} /> },
  ]
  return (
    <>
      <FilterBar label={t('verify.filter')} fields={fields} value={value} onChange={filter} />
      <DataList
        list={list}
        columns={columns}
        label={t('verify.list')}
        rowKey={(one) => one.id}
        empty={<NothingYet icon="shield" title={t('verify.none')} about={t('verify.noneAbout')} action={action} />}
        onClear={isFiltered(fields, value) ? () => filter({}) : undefined}
      />
    </>
  )
}

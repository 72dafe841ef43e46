// The profiles of all accounts by their state: first those that were submitted and wait for a decision.
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { countryName } from '../messages/fields'
import { type Column, DataList } from '../parts/DataList'
import { Named } from '../parts/Named'
import { TextLink } from '../parts/Link'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { SAME } from '../parts/Views'
import { Count, Time, Words } from '../parts/Values'
import { ProfileState } from './OneProfile'
import { type Profile, PROFILES } from './profile'
import { SHOWN } from './search'

export function Queue(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/profile' })
  const { state: chosen } = useSearch({ from: '/shell/profile' })
  const state = chosen === 'all' ? undefined : (chosen ?? 'submitted')
  const list = useList(PROFILES, { limit: 100, ...(state === undefined ? {} : { state }) })
  const columns: Column<Profile>[] = [
    {
      name: 'name', title: t('profile.field.legal_name'), width: 'minmax(10rem, 2fr)',
      cell: (profile) => (
        <TextLink to="/profile/$id" params={{ id: profile.account_id }}>
          <Words>{profile.legal_name ?? t('profile.nameless')}</Words>
        </TextLink>
      ),
    },
    { name: 'account', title: t('profile.account'), width: 'minmax(9rem, 1fr)', extra: true, cell: (profile) => <Named id={profile.account_id} /> },
    { name: 'state', title: t('profile.state'), width: '11rem', cell: (profile) => <ProfileState profile={profile} /> },
    { name: 'country', title: t('profile.country'), width: 'minmax(6rem, 1fr)', cell: (profile) => (profile.country === null ? '–' : countryName(profile.country)) },
    { name: 'documents', title: t('profile.documents'), width: '7rem', align: 'end', extra: true, cell: (profile) => <Count value={profile.documents} /> },
    { name: 'at', title: t('profile.submittedAt'), width: '8rem', cell: (profile) => <Time at={profile.submitted_at} /> },
  ]
  return (
    <>
      <nav className="o-profile-states" aria-label={t('profile.state')}>
        {([undefined, ...SHOWN] as const).map((each) => (
          <TextLink key={each ?? 'submitted'} size="sm" activeOptions={SAME} to="/profile" search={{ view: 'queue', state: each }} aria-current={chosen === each ? 'true' : undefined}>
            {each === 'all' ? t('profile.all') : each === 'unverified' ? t('profile.unsubmitted') : t(`profile.state.${each ?? 'submitted'}`)}
          </TextLink>
        ))}
      </nav>
      <DataList
        list={list}
        columns={columns}
        label={t('profile.queue')}
        rowKey={(profile) => profile.account_id}
        empty={<NothingYet icon="check" title={t('profile.none')} about={t('profile.noneAbout')} />}
        onClear={chosen === undefined || chosen === 'all' ? undefined : () => void navigate({ search: (before) => ({ ...before, state: 'all' as const }) })}
      />
    </>
  )
}

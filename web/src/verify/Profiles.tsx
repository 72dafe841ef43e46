// The verify profiles: how the verifications of each application are made, and what is weak in them.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { type Column, DataList } from '../parts/DataList'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { Found, NothingYet } from '../parts/States'
import { StatusBadge } from '../parts/StatusBadge'
import { useFormat } from '../parts/format'
import { useList } from '../parts/useList'
import { Count } from '../parts/Values'
import { useOneProfile } from './useOneProfile'
import type { Profile } from './useProfiles'
import { PROFILES } from './verification'

type Saved = Pick<Profile, 'id' | 'version'>

const ProfileForm = lazy(() => import('./ProfileForm').then((found) => ({ default: found.ProfileForm })))

export function Profiles(): ReactNode {
  const t = useT()
  const format = useFormat()
  const navigate = useNavigate({ from: '/verify' })
  const { make, like, open } = useSearch({ from: '/shell/verify' })
  const list = useList(PROFILES, { limit: 200 })
  const [warned, setWarned] = useState<Saved | null>(null)
  const show = (to: { make?: 'true'; open?: string }): void => void navigate({ search: (before) => ({ ...before, make: to.make, like: undefined, open: to.open }) })
  /** What is saved with a new warning is opened, or stays open, so that nobody overlooks it. */
  const warn = (saved: Profile): void => {
    setWarned(saved)
    show({ open: saved.id })
  }
  const makeButton = (
    <Act calls="POST /v1/verify-profiles" leftSection={<Icon name="plus" />} onClick={() => show({ make: 'true' })}>
      {t('verify.make')}
    </Act>
  )
  const columns: Column<Profile>[] = [
    {
      name: 'name', title: t('verify.name'), width: 'minmax(8rem, 1.4fr)',
      cell: (profile) => (
        <TextLink to="/verify" search={{ view: 'profiles', open: profile.id }}>
          <bdi dir="auto">{profile.name}</bdi>
        </TextLink>
      ),
    },
    { name: 'application', title: t('verify.application'), width: 'minmax(7rem, 1fr)', cell: (profile) => <bdi dir="auto">{profile.application}</bdi> },
    { name: 'channels', title: t('verify.channels'), width: 'minmax(7rem, 1fr)', cell: (profile) => profile.channels.map(({ channel }) => t(`verify.channel.${channel}`)).join(' → ') },
    { name: 'code', title: t('verify.code'), width: 'minmax(7rem, 1fr)', extra: true, cell: (profile) => <>{t(`verify.alphabet.${profile.alphabet}`)} · <Count value={profile.code_length} /></> },
    { name: 'life', title: t('verify.life'), width: '7rem', extra: true, cell: (profile) => <bdi>{format.duration(profile.life * 1000)}</bdi> },
    {
      name: 'warnings', title: t('verify.warnings'), width: '11.5rem',
      cell: (profile) => (profile.warnings.length === 0 ? <StatusBadge tone="good">{t('verify.noWarnings')}</StatusBadge> : <StatusBadge tone="warn">{t('verify.warningCount', { count: profile.warnings.length })}</StatusBadge>),
    },
  ]
  return (
    <>
      <div className="o-verify-bar">{list.rows.length > 0 && makeButton}</div>
      <DataList
        list={list}
        columns={columns}
        label={t('verify.profiles')}
        rowKey={(profile) => profile.id}
        empty={<NothingYet icon="shield" title={t('verify.noProfiles')} about={t('verify.noProfilesAbout')} action={makeButton} />}
      />
      <Suspense>
        {make === 'true' && like === undefined && <ProfileForm onClose={() => show({})} onWarned={warn} />}
        {make === 'true' && like !== undefined && <Alike id={like} onClose={() => show({})} onWarned={warn} />}
        {open !== undefined && <Opened id={open} warned={warned?.id === open ? warned : null} onClose={() => show({})} onWarned={warn} />}
      </Suspense>
    </>
  )
}

/** A new profile, filled as one of the test mode. */
function Alike({ id, ...props }: { id: string; onClose: () => void; onWarned: (saved: Profile) => void }): ReactNode {
  const profile = useOneProfile(id, 'test')
  return <Found query={profile}>{(found) => <ProfileForm key={found.id} like={found} {...props} />}</Found>
}

type OpenedProps = { id: string; /** What was saved a moment ago: the form begins anew with it. */ warned: Saved | null; onClose: () => void; onWarned: (saved: Profile) => void }

function Opened({ id, warned, ...props }: OpenedProps): ReactNode {
  const profile = useOneProfile(id)
  return <Found query={profile}>{(found) => <ProfileForm key={`${found.id} ${warned?.version}`} profile={found} warned={warned !== null} {...props} />}</Found>
}

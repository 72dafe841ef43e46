// One profile: its state and what that means, what can be done now, its fields and its documents.
import { Group, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { notify } from '../parts/Notices'
import { Found } from '../parts/States'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { Time, Words } from '../parts/Values'
import { Documents } from './Documents'
import { Fields } from './Fields'
import { canSubmit, canWithdraw, meaningOf, missingOf, type Profile, PROFILES, type Shown, shownOf } from './profile'
import './profile.css'

const ConfirmDialog = lazy(() => import('../parts/ConfirmDialog').then((found) => ({ default: found.ConfirmDialog })))
const Decide = lazy(() => import('./Decide').then((found) => ({ default: found.Decide })))

const TONES: Record<Shown, Tone> = { unverified: 'quiet', submitted: 'info', in_review: 'info', verified: 'good', counts: 'good', rejected: 'bad', expired: 'warn' }

export function ProfileState({ profile }: { profile: Profile }): ReactNode {
  const t = useT()
  const shown = shownOf(profile)
  return <StatusBadge tone={TONES[shown]}>{t(`profile.state.${shown}`)}</StatusBadge>
}

export function OneProfile({ id }: { id: string }): ReactNode {
  const api = useApi()
  const query = useQuery({
    queryKey: [PROFILES, id],
    queryFn: () => take(api.GET('/v1/profiles/{account_id}', { params: { path: { account_id: id } } })),
  })
  return <Found query={query}>{(profile) => <One profile={profile} />}</Found>
}

function One({ profile }: { profile: Profile }): ReactNode {
  const t = useT()
  const format = useFormat()
  const api = useApi()
  const queries = useQueryClient()
  const decides = useMay('POST /v1/profiles/{account_id}/decide')
  const [asks, setAsks] = useState<'submit' | 'withdraw' | 'decide' | null>(null)
  const close = (): void => setAsks(null)
  const missing = missingOf(profile)
  const move = async (to: 'submit' | 'withdraw'): Promise<void> => {
    await take(api.POST(`/v1/profiles/{account_id}/${to}`, { params: { path: { account_id: profile.account_id } } }))
    await queries.invalidateQueries({ queryKey: [PROFILES] })
    notify(t(`profile.${to}.done`))
  }
  return (
    <Stack gap="xl" maw="56rem">
      <section className="o-profile-state" aria-label={t('profile.state')} data-state={shownOf(profile)}>
        <Group gap="sm">
          <ProfileState profile={profile} />
          {profile.submitted_at !== null && profile.state !== 'verified' && (
            <Text size="sm" c="dimmed" span>
              {t('profile.submittedAt')} <Time at={profile.submitted_at} />
            </Text>
          )}
          {profile.expires_at !== null && (
            <Text size="sm" c="dimmed" span>
              {t('profile.validUntil')} <Time at={profile.expires_at} as="absolute" />
            </Text>
          )}
        </Group>
        <Text>{meaningOf(profile).map((each) => t(`profile.means.${each}`)).join(' ')}</Text>
        {profile.reasons.length > 0 && (
          <div>
            <h3 className="o-section">{t('profile.reasons')}</h3>
            <ul className="o-profile-reasons">
              {profile.reasons.map((reason) => (
                <li key={reason}>
                  <Words>{reason}</Words>
                </li>
              ))}
            </ul>
          </div>
        )}
        {profile.may_send !== 'all' && <Text size="sm">{t(`profile.maySend.${profile.may_send}`)}</Text>}
        {canSubmit(profile) && !profile.verified && missing.length > 0 && (
          <Text size="sm" c="dimmed">{t('profile.missing', { fields: format.list(missing.map((name) => t(`profile.field.${name}`))) })}</Text>
        )}
        <Group gap="xs">
          {canSubmit(profile) && missing.length === 0 && (
            <Act calls="POST /v1/profiles/{account_id}/submit" leftSection={<Icon name="send" size={16} />} onClick={() => setAsks('submit')}>
              {t('profile.submit')}
            </Act>
          )}
          {canWithdraw(profile) && (
            <Act calls="POST /v1/profiles/{account_id}/withdraw" variant="default" leftSection={<Icon name="edit" size={16} />} onClick={() => setAsks('withdraw')}>
              {t('profile.withdraw')}
            </Act>
          )}
          {decides && (
            <Act calls="POST /v1/profiles/{account_id}/decide" variant={canSubmit(profile) ? 'default' : undefined} leftSection={<Icon name="shield" size={16} />} onClick={() => setAsks('decide')}>
              {t('profile.decide')}
            </Act>
          )}
        </Group>
      </section>
      <Fields key={profile.version} profile={profile} />
      <Documents profile={profile} />
      <Suspense>
        {(asks === 'submit' || asks === 'withdraw') && (
          <ConfirmDialog title={t(`profile.${asks}.title`)} action={t(`profile.${asks}`)} onClose={close} onConfirm={() => move(asks)}>
            {asks === 'withdraw' && profile.state === 'verified' ? t('profile.withdraw.verified') : t(`profile.${asks}.about`)}
          </ConfirmDialog>
        )}
        {asks === 'decide' && <Decide profile={profile} onClose={close} />}
      </Suspense>
    </Stack>
  )
}

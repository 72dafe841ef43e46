// One verification: how it stands and why, each send, each step with its reason, and what can be done with it.
import { Radio, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { countryName } from '../messages/fields'
import { Act } from '../parts/Act'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { Copy } from '../parts/Copy'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Facts } from '../parts/Facts'
import { BackToList, FoundPage } from '../parts/FoundPage'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { notify, notifyRefusal } from '../parts/Notices'
import { PageHead } from '../parts/PageHead'
import { Timeline } from '../parts/Timeline'
import { Count, Ident, Time, Words } from '../parts/Values'
import { useMoments } from './moments'
import { isOpen } from './search'
import { useProfiles } from './useProfiles'
import { type Detail, GuardReason, Recipient, useGuardName, VERIFICATIONS, VerificationStatus } from './verification'
import './verify.css'

const EVERY_MS = 2_000

export function VerificationPage(): ReactNode {
  const { id } = useParams({ from: '/shell/verify/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [VERIFICATIONS, id],
    queryFn: ({ signal }) => take(api.GET('/v1/verifications/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data !== undefined && isOpen(state.data.status) ? EVERY_MS : false),
  })
  return <FoundPage query={query}>{(found) => <OneVerification one={found} />}</FoundPage>
}

function OneVerification({ one }: { one: Detail }): ReactNode {
  const t = useT()
  const moments = useMoments()
  const guardName = useGuardName()
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={t('verify.one', { address: one.to ?? t('verify.redacted') })}
        heading={<Recipient address={one.to} />}
        about={
          <>
            <VerificationStatus status={one.status} /> {t(`verify.means.${one.status}`)}
          </>
        }
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/verifications/{id}', path: { id: one.id } }} />
            <Actions one={one} />
          </>
        }
      />
      {one.guard !== null && (
        <section className="o-verify-stopped" aria-labelledby="stopped">
          <h2 id="stopped">
            <Icon name="shield" size={18} /> {t('verify.stoppedBy', { guard: guardName(one.guard) })}
          </h2>
          {one.reason !== null && <Text><GuardReason of={one} /></Text>}
          <Text size="sm">
            {t(one.status === 'held' ? 'verify.heldAbout' : 'verify.blockedAbout')}{' '}
            <TextLink to="/verify" search={{ view: 'guards' }}>
              {t('verify.toGuards')}
            </TextLink>
          </Text>
        </section>
      )}
      <div className="o-verify-page">
        <section aria-labelledby="happened">
          <h2 id="happened">{t('verify.happened')}</h2>
          <Timeline moments={moments(one)} label={t('verify.happened')} />
        </section>
        <section aria-labelledby="facts">
          <h2 id="facts">{t('verify.facts')}</h2>
          <DetailFacts one={one} />
        </section>
      </div>
    </>
  )
}

function DetailFacts({ one }: { one: Detail }): ReactNode {
  const t = useT()
  const profile = useProfiles().find(({ id }) => id === one.profile_id)
  const facts: [string, ReactNode][] = [
    [t('verify.id'), <span key="id"><Ident>{one.id}</Ident> <Copy value={one.id} what={t('verify.id')} /></span>],
    [
      t('verify.profile'),
      <TextLink key="profile" to="/verify" search={{ view: 'profiles', open: one.profile_id }}>
        {profile === undefined ? <Ident>{one.profile_id}</Ident> : <Words>{profile.name}</Words>}
      </TextLink>,
    ],
    [t('verify.started'), <Time key="started" at={one.created_at} as="absolute" />],
    one.ended_at === null ? [t('verify.expires'), <Time key="expires" at={one.expires_at} as="absolute" />] : [t('verify.ended'), <Time key="ended" at={one.ended_at} as="absolute" />],
  ]
  if (isOpen(one.status)) {
    facts.push([t('verify.attemptsLeft'), <Count key="attempts" value={one.attempts_left} />], [t('verify.sendsLeft'), <Count key="sends" value={one.sends_left} />])
    if (one.next_send_at !== null) facts.push([t('verify.nextSend'), <Time key="next" at={one.next_send_at} as="absolute" />])
  }
  if (one.country !== null) facts.push([t('verify.country'), `${countryName(one.country)}${one.network === null ? '' : ` · ${one.network}`}`])
  if (one.fallback_to !== null) facts.push([t('verify.fallbackTo'), <Recipient key="fallback" address={one.fallback_to} />])
  if (one.language !== null) facts.push([t('verify.language'), <span key="language"><Ident>{one.language}</Ident>{one.language_from !== null && ` · ${t(`verify.languageFrom.${one.language_from}`)}`}</span>])
  if (one.template !== null) facts.push([t('verify.template'), <Ident key="template">{one.template}</Ident>])
  if (one.reference !== null) facts.push([t('verify.reference'), <Ident key="reference">{one.reference}</Ident>])
  if (one.user_ip !== null) facts.push([t('verify.userIp'), <Ident key="ip">{one.user_ip}</Ident>])
  if (one.device !== null) facts.push([t('verify.device'), <Ident key="device">{one.device}</Ident>])
  if (one.bind_to !== null) facts.push([t('verify.bindTo'), <Ident key="bind">{JSON.stringify(one.bind_to)}</Ident>])
  if (one.own_code) facts.push([t('verify.code'), t('verify.ownCode')])
  if (one.test_number) facts.push([t('verify.code'), t('verify.fixedCode')])
  return <Facts facts={facts} />
}

function Actions({ one }: { one: Detail }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [asks, setAsks] = useState<'release' | 'cancel' | 'redact' | null>(null)
  const [reports, setReports] = useState(false)
  const [outcome, setOutcome] = useState<'approved' | 'not_approved'>('approved')
  const [busy, setBusy] = useState(false)
  const params = { path: { id: one.id } }
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: [VERIFICATIONS] })
  const resend = async (): Promise<void> => {
    setBusy(true)
    try {
      await take(api.POST('/v1/verifications/{id}/resend', { params, body: {} }))
      await again()
      notify(t('verify.resent'))
    } catch (error) {
      notifyRefusal(error)
    } finally {
      setBusy(false)
    }
  }
  const report = async (): Promise<void> => {
    await take(api.POST('/v1/verifications/{id}/report', { params, body: { outcome } }))
    await again()
    notify(t('verify.did.report'))
  }
  const act = async (): Promise<void> => {
    if (asks === 'release') await take(api.POST('/v1/verifications/{id}/release', { params }))
    if (asks === 'cancel') await take(api.POST('/v1/verifications/{id}/cancel', { params }))
    if (asks === 'redact') await take(api.POST('/v1/verifications/{id}/redact', { params }))
    await again()
    if (asks !== null) notify(t(`verify.did.${asks}`))
  }
  return (
    <>
      {one.status === 'held' && (
        <Act calls="POST /v1/verifications/{id}/release" leftSection={<Icon name="play" />} onClick={() => setAsks('release')}>
          {t('verify.do.release')}
        </Act>
      )}
      {one.status === 'pending' && one.sends_left > 0 && (
        <Act calls="POST /v1/verifications/{id}/resend" variant="default" loading={busy} leftSection={<Icon name="send" />} onClick={() => void resend()}>
          {t('verify.resend')}
        </Act>
      )}
      {one.status === 'pending' && one.own_code && (
        <Act calls="POST /v1/verifications/{id}/report" variant="default" leftSection={<Icon name="check" />} onClick={() => setReports(true)}>
          {t('verify.do.report')}
        </Act>
      )}
      {isOpen(one.status) && (
        <Act calls="POST /v1/verifications/{id}/cancel" ends leftSection={<Icon name="stop" />} onClick={() => setAsks('cancel')}>
          {t('verify.do.cancel')}
        </Act>
      )}
      {!isOpen(one.status) && one.to !== null && (
        <Act calls="POST /v1/verifications/{id}/redact" ends leftSection={<Icon name="trash" />} onClick={() => setAsks('redact')}>
          {t('verify.do.redact')}
        </Act>
      )}
      {reports && (
        <ConfirmDialog title={t('verify.ask.report')} action={t('verify.do.report')} onClose={() => setReports(false)} onConfirm={report}>
          <Radio.Group label={t('verify.about.report')} value={outcome} onChange={(given) => setOutcome(given === 'approved' ? 'approved' : 'not_approved')}>
            <Stack gap="xs" mt="sm">
              <Radio value="approved" label={t('verify.reportApproved')} />
              <Radio value="not_approved" label={t('verify.reportNot')} />
            </Stack>
          </Radio.Group>
        </ConfirmDialog>
      )}
      {asks !== null && (
        <ConfirmDialog title={t(`verify.ask.${asks}`)} action={t(`verify.do.${asks}`)} onClose={() => setAsks(null)} onConfirm={act}>
          {t(`verify.about.${asks}`)}
        </ConfirmDialog>
      )}
    </>
  )
}

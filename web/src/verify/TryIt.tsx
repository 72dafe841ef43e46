// A verification from both sides: the code goes to a handset of the sandbox, whose screen is shown, and is typed here.
//
// Rules kept here:
// - it is tried in test mode: nothing leaves the platform, and nothing costs money;
// - the code is read on the handset alone, as a person would: the API never shows it.
import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { Icon } from '../parts/Icon'
import { ButtonLink, TextLink } from '../parts/Link'
import { Waiting } from '../parts/States'
import { StatusBadge } from '../parts/StatusBadge'
import { useForm } from '../parts/useForm'
import { PhoneNumber, Time } from '../parts/Values'
import { isOpen } from './search'
import { useKnownProfiles } from './useProfiles'
import { type Channel, GuardReason, type Verification, VERIFICATIONS, VerificationStatus } from './verification'

/** A handset of the sandbox that gets everything at once. */
const HANDSET = '+15000160001'
const EVERY_MS = 1_000
const OUTCOMES = ['approved', 'wrong', 'expired', 'exhausted', 'canceled', 'superseded', 'unknown'] as const

type Props = { onClose: () => void }

export function TryIt({ onClose }: Props): ReactNode {
  const t = useT()
  const me = useMe()
  const [started, setStarted] = useState<Verification | null>(null)
  return (
    <Dialog onClose={onClose} size="lg" title={t('verify.try')}>
      {me.mode !== 'test' ? (
        <Stack>
          <Text>{t('verify.tryInTest')}</Text>
          <Group justify="flex-end">
            <ButtonLink to="/verify" search={({ account }) => ({ account, mode: 'test' as const, attempt: 'true' as const })} leftSection={<Icon name="flask" />}>
              {t('verify.toTest')}
            </ButtonLink>
          </Group>
        </Stack>
      ) : started === null ? (
        <Begin onStarted={setStarted} onClose={onClose} />
      ) : (
        <Going started={started} onAgain={setStarted} onClose={onClose} />
      )}
    </Dialog>
  )
}

const bodyOf = ({ to, profile }: { to: string; profile: string }): { to: string; profile?: string } => ({ to: to.trim(), ...(profile === '' ? {} : { profile }) })

function Begin({ onStarted, onClose }: { onStarted: (one: Verification) => void; onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const { profiles, known } = useKnownProfiles()
  const form = useForm({
    initial: { to: HANDSET, profile: '' },
    send: async (values) => {
      const started = await take(api.POST('/v1/verifications', { body: bodyOf(values) }))
      await queries.invalidateQueries({ queryKey: [VERIFICATIONS] })
      onStarted(started)
      return false
    },
  })
  const chosen = profiles.length === 1 ? profiles[0] : profiles.find(({ id }) => id === form.values.profile)
  if (!known) return <Waiting />
  if (profiles.length === 0) {
    return (
      <Stack>
        <Text>{t('verify.tryAbout')}</Text>
        <Text>{t('verify.tryNeeds')}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
          <ButtonLink to="/verify" search={({ account, mode }) => ({ account, mode, view: 'profiles' as const, make: 'true' as const, attempt: 'true' as const })} leftSection={<Icon name="plus" />}>
            {t('verify.make')}
          </ButtonLink>
        </Group>
      </Stack>
    )
  }
  return (
    <form {...form.props}>
      <Stack>
        <Text>{t('verify.tryAbout')}</Text>
        <TextInput {...form.field('to')} label={t('verify.to')} description={t('verify.tryTo')} dir="ltr" autoComplete="off" data-autofocus />
        <NativeSelect
          {...form.field('profile')}
          label={t('verify.profile')}
          data={[...(profiles.length === 1 ? [] : [{ value: '', label: t('verify.choose') }]), ...profiles.map(({ id, name }) => ({ value: id, label: name }))]}
        />
        {form.at === 'profile' && chosen !== undefined && (
          <TextLink to="/verify" search={({ account, mode }) => ({ account, mode, view: 'profiles' as const, open: chosen.id, attempt: 'true' as const })} size="sm">
            {t('verify.openProfile')}
          </TextLink>
        )}
        <FormErrors form={form} />
        <Group justify="space-between">
          <CopyAsCode request={{ operation: 'POST /v1/verifications', body: bodyOf(form.values) }} />
          <Group>
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy} leftSection={<Icon name="send" />}>
              {t('verify.sendCode')}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}

function Going({ started, onAgain, onClose }: { started: Verification; onAgain: (one: Verification) => void; onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [outcome, setOutcome] = useState<string | null>(null)
  const params = { path: { id: started.id } }
  const query = useQuery({
    queryKey: [VERIFICATIONS, started.id],
    queryFn: ({ signal }) => take(api.GET('/v1/verifications/{id}', { params, signal })),
    refetchInterval: EVERY_MS,
  })
  const one: Verification = query.data ?? started
  const form = useForm({
    initial: { code: '' },
    send: async ({ code }) => {
      const said = await take(api.POST('/v1/verifications/{id}/check', { params, body: { code } }))
      setOutcome(said.outcome)
      form.reset({ code: '' })
      await queries.invalidateQueries({ queryKey: [VERIFICATIONS] })
      return false
    },
  })
  const resend = async (): Promise<void> => {
    try {
      onAgain(await take(api.POST('/v1/verifications/{id}/resend', { params, body: {} })))
    } catch (error) {
      form.refuse(error)
    }
  }
  const known = OUTCOMES.find((each) => each === outcome)
  return (
    <Stack>
      <Group gap="xs">
        <VerificationStatus status={one.status} />
        {one.to !== null && <PhoneNumber value={one.to} />}
        <TextLink to="/verify/$id" params={{ id: one.id }} size="sm">
          {t('verify.openIt')}
        </TextLink>
      </Group>
      {one.reason !== null && <Text size="sm"><GuardReason of={one} /></Text>}
      {one.to !== null && <Screen number={one.to} since={one.created_at} channel={one.channel} />}
      {isOpen(one.status) && (
        <form {...form.props}>
          <Stack gap="xs">
            <TextInput {...form.field('code')} label={t('verify.typeCode')} description={t('verify.attemptsAre', { count: one.attempts_left })} dir="ltr" autoComplete="one-time-code" inputMode="numeric" data-autofocus />
            <FormErrors form={form} />
            <Group>
              <CopyAsCode request={{ operation: 'POST /v1/verifications/{id}/check', path: { id: one.id }, body: form.values }} />
              <Button type="submit" loading={form.busy} disabled={form.values.code.trim() === ''}>
                {t('verify.check')}
              </Button>
              <Button variant="default" onClick={() => void resend()}>
                {t('verify.resend')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
      {outcome !== null && (
        <div role="status">
          <StatusBadge tone={outcome === 'approved' ? 'good' : 'bad'}>{known === undefined ? outcome : t(`verify.outcome.${known}`)}</StatusBadge>
        </div>
      )}
      {outcome === 'approved' && (
        <TextLink to="/verify" search={({ account }) => ({ account, mode: undefined, view: 'profiles' as const, make: 'true' as const, like: one.profile_id })} size="sm">
          {t('verify.makeProfileLive')}
        </TextLink>
      )}
      <Group justify="flex-end">
        <Button variant={isOpen(one.status) ? 'default' : 'filled'} onClick={onClose}>
          {t('parts.done')}
        </Button>
      </Group>
    </Stack>
  )
}

/** What the handset shows since the verification began. */
function Screen({ number, since, channel }: { number: string; since: string; channel: Channel }): ReactNode {
  const t = useT()
  const api = useApi()
  const may = useMay('GET /v1/sandbox/handsets/{number}/messages')
  const { data } = useQuery({
    queryKey: ['/v1/sandbox/handsets/{number}/messages', number],
    queryFn: ({ signal }) => take(api.GET('/v1/sandbox/handsets/{number}/messages', { params: { path: { number } }, signal })),
    refetchInterval: EVERY_MS,
    enabled: may && channel === 'sms',
  })
  const shown = (data?.data ?? []).filter(({ direction, at }) => direction === 'received' && at >= since).toReversed()
  return (
    <div className="o-verify-screen" role="log" aria-label={t('verify.screen')} tabIndex={0}>
      {shown.length === 0 ? (
        <span className="o-absent">{t('verify.screenEmpty')}</span>
      ) : (
        shown.map((message, place) => (
          <div key={`${message.at}-${place}`} className="o-verify-bubble">
            <small className="o-absent">
              <PhoneNumber value={message.from} /> · <Time at={message.at} as="short" />
            </small>
            <div dir="auto">{message.text}</div>
          </div>
        ))
      )}
    </div>
  )
}

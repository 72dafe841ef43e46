// One key: what it may do, when it was used, and its end: rotate it, or revoke it.
import { Button, Group, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import { needTexts, useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { Facts } from '../parts/Facts'
import { BackToList, FoundPage } from '../parts/FoundPage'
import { Icon } from '../parts/Icon'
import { limitFacts, LimitsDialog } from '../parts/Limits'
import { notify, notifyRefusal } from '../parts/Notices'
import { PageHead } from '../parts/PageHead'
import { Count, Ident, Time } from '../parts/Values'
import { type Key, KEYS, KeyState, LIMITS } from './key'
import { Rights } from '../rights/rights'
import { RotateKey } from './RotateKey'
import { SecretDialog } from './SecretDialog'
import { TextLink } from '../parts/Link'

const KeyLimits = lazy(async () => {
  const [{ KeyLimits: component }] = await Promise.all([import('../accounts/KeyLimits'), needTexts('accounts')])
  return { default: component }
})

export function KeyPage(): ReactNode {
  const { id } = useParams({ from: '/shell/keys/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [KEYS, id],
    queryFn: () => take(api.GET('/v1/keys/{id}', { params: { path: { id } } })),
  })
  return <FoundPage query={query}>{(key) => <OneKey shown={key} />}</FoundPage>
}

function OneKey({ shown }: { shown: Key }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [open, setOpen] = useState<'limits' | 'rotate' | 'revoke' | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const path = { id: shown.id }
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: [KEYS] })
  const revoke = async (): Promise<void> => {
    await take(api.DELETE('/v1/keys/{id}', { params: { path } }))
    await again()
    notify(t('keys.revoked', { name: shown.name }))
  }
  const limit = async (limits: Key['limits']): Promise<void> => {
    const params = { path, header: { 'if-match': `"${shown.version}"` } }
    await take(api.PATCH('/v1/keys/{id}', { params, body: { limits } }))
    await again()
  }
  const endOld = async (): Promise<void> => {
    try {
      await take(api.PATCH('/v1/keys/{id}', { params: { path }, body: { previous_expires_at: null } }))
      await again()
      notify(t('keys.oldEnded'))
    } catch (error) {
      notifyRefusal(error)
    }
  }

  const mayAudit = useMay('GET /v1/audit')
  const mayLimits = useMay('GET /v1/limits')

  return (
    <>
      <PageHead
        before={<BackToList />}
        title={shown.name}
        about={<KeyState state={shown.state} />}
        actions={
          shown.state === 'active' && (
            <>
              <Act calls="PATCH /v1/keys/{id}" variant="default" leftSection={<Icon name="edit" />} onClick={() => setOpen('limits')}>
                {t('parts.limitsChange')}
              </Act>
              <Act calls="POST /v1/keys/{id}/rotate" variant="default" leftSection={<Icon name="refresh" />} onClick={() => setOpen('rotate')}>
                {t('keys.rotate')}
              </Act>
              <Act calls="DELETE /v1/keys/{id}" ends leftSection={<Icon name="stop" />} onClick={() => setOpen('revoke')}>
                {t('keys.revoke')}
              </Act>
            </>
          )
        }
      />
      <Stack maw="52rem">
        <Facts
          facts={[
            [t('keys.key'), <Ident key="hint">{shown.hint}</Ident>],
            [t('keys.id'), <Ident key="id">{shown.id}</Ident>],
            [t('keys.mode'), t(`keys.mode.${shown.mode}`)],
            [t('keys.scopes'), <Rights key="scopes" scopes={shown.scopes} />],
            [t('keys.made'), <Time key="made" at={shown.created_at} as="absolute" />],
            [t('keys.expires'), <Time key="ends" at={shown.expires_at} as="absolute" never={t('keys.noExpiry')} />],
            [t('keys.lastUsed'), <LastUse key="used" at={shown.last_used_at} from={shown.last_used_from} />],
            [t('keys.rate'), shown.requests_per_second === null ? t('keys.rateDefault') : <Count key="rate" value={shown.requests_per_second} />],
            ...limitFacts({ names: LIMITS, limits: shown.limits, t }),
            [t('keys.networks'), shown.allowed_networks.length === 0 ? t('keys.everywhere') : <Ident key="nets">{shown.allowed_networks.join(', ')}</Ident>],
          ]}
        />
        <Suspense>{mayLimits && shown.state === 'active' && <KeyLimits id={shown.id} account={shown.account_id} />}</Suspense>
        {mayAudit && <TextLink to="/audit" search={{ actor: `key:${shown.id}` }}>{t('keys.changes')}</TextLink>}
        {shown.previous_hint !== null && shown.previous_expires_at !== null && (
          <section aria-labelledby="old-secret">
            <h2 id="old-secret">{t('keys.old')}</h2>
            <Text>
              {t('keys.oldAbout')} <Ident>{shown.previous_hint}</Ident> · <Time at={shown.previous_expires_at} as="absolute" />
            </Text>
            <Text c="dimmed">
              {t('keys.lastUsed')}: <Time at={shown.previous_used_at} never={t('keys.never')} />
            </Text>
            <Group mt="xs">
              <Button variant="default" onClick={() => void endOld()}>
                {t('keys.endOld')}
              </Button>
            </Group>
          </section>
        )}
      </Stack>
      {open === 'limits' && <LimitsDialog name={shown.name} names={LIMITS} limits={shown.limits} at="limits" save={limit} onClose={() => setOpen(null)} />}
      {open === 'rotate' && <RotateKey shown={shown} onClose={() => setOpen(null)} onSecret={setSecret} />}
      {open === 'revoke' && (
        <ConfirmDialog title={t('keys.revokeTitle', { name: shown.name })} action={t('keys.revoke')} typed={shown.mode === 'live' ? shown.name : undefined} onClose={() => setOpen(null)} onConfirm={revoke}>
          {t('keys.revokeAbout')}
        </ConfirmDialog>
      )}
      {secret !== null && <SecretDialog name={shown.name} secret={secret} onClose={() => setSecret(null)} />}
    </>
  )
}

function LastUse({ at, from }: { at: string | null; from: string | null }): ReactNode {
  const t = useT()
  return (
    <>
      <Time at={at} never={t('keys.never')} /> {from !== null && <Ident>{from}</Ident>}
    </>
  )
}

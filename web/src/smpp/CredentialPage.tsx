// Why does this customer's bind not work? One credential: what is needed to bind with it, its binds and the refused ones
// with the reason, its profile, and its end.
import { Button, Group, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { Facts } from '../parts/Facts'
import { BackToList, FoundPage } from '../parts/FoundPage'
import { Icon } from '../parts/Icon'
import { type MoreEntry, MoreMenu } from '../parts/MoreMenu'
import { Named } from '../parts/Named'
import { notify, notifyRefusal } from '../parts/Notices'
import { PageHead } from '../parts/PageHead'
import { Waiting } from '../parts/States'
import { Ident, Time } from '../parts/Values'
import { BindCard } from './BindCard'
import { Binds } from './Binds'
import { CredentialState } from './Credentials'
import { RefusedBinds } from './RefusedBinds'
import type { Password } from './SmppPage'
import { type Credential, CREDENTIALS, EVERY_MS } from './smpp'
import './smpp.css'

const ProfileForm = lazy(() => import('./ProfileForm').then((found) => ({ default: found.ProfileForm })))
const ConfirmDialog = lazy(() => import('../parts/ConfirmDialog').then((found) => ({ default: found.ConfirmDialog })))
const NewPassword = lazy(() => import('./NewPassword').then((found) => ({ default: found.NewPassword })))
const SecretDialog = lazy(() => import('../parts/SecretDialog').then((found) => ({ default: found.SecretDialog })))

/** Its end must lie in the future when the server reads it. */
const AT_ONCE_MS = 3_000

export function CredentialPage(): ReactNode {
  const { id } = useParams({ from: '/shell/smpp/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [CREDENTIALS, id],
    queryFn: ({ signal }) => take(api.GET('/v1/smpp-credentials/{id}', { params: { path: { id } }, signal })),
    // Whether it is expired follows from the time.
    refetchInterval: EVERY_MS,
  })
  return <FoundPage query={query}>{(credential) => <OneCredential credential={credential} />}</FoundPage>
}

type Open = 'password' | 'disable' | 'revoke' | null

function OneCredential({ credential }: { credential: Credential }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [open, setOpen] = useState<Open>(null)
  const [made, setMade] = useState<Password | null>(null)
  const { id, system_id: name, state } = credential
  const params = { path: { id } }
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: [CREDENTIALS] })

  const disable = async (): Promise<void> => {
    // The time of the server counts, and its answers have it.
    const read = await api.GET('/v1/smpp-credentials/{id}', { params })
    const now = Date.parse(read.response.headers.get('Date') ?? '') || Date.now()
    await take(api.PATCH('/v1/smpp-credentials/{id}', { params, body: { expires_at: new Date(now + AT_ONCE_MS).toISOString() } }))
    await again()
    notify(t('smpp.disabled', { name }))
  }
  const patch = async (body: { expires_at: null } | { previous_expires_at: null }, done: string): Promise<void> => {
    try {
      await take(api.PATCH('/v1/smpp-credentials/{id}', { params, body }))
      await again()
      notify(done)
    } catch (error) {
      notifyRefusal(error)
    }
  }
  const revoke = async (): Promise<void> => {
    await take(api.DELETE('/v1/smpp-credentials/{id}', { params }))
    await again()
    notify(t('smpp.revoked', { name }))
  }
  const close = (): void => setOpen(null)

  return (
    <>
      <PageHead
        before={<BackToList />}
        title={name}
        about={<CredentialState state={state} />}
        actions={
          state !== 'revoked' && (
            <>
              {state === 'active' ? (
                <Act calls="POST /v1/smpp-credentials/{id}/password" variant="default" leftSection={<Icon name="key" />} onClick={() => setOpen('password')}>
                  {t('smpp.newPassword')}
                </Act>
              ) : (
                <Act calls="PATCH /v1/smpp-credentials/{id}" leftSection={<Icon name="play" />} onClick={() => void patch({ expires_at: null }, t('smpp.enabled', { name }))}>
                  {t('smpp.enable')}
                </Act>
              )}
              <MoreMenu
                entries={[
                  { label: t('smpp.capture'), icon: 'pulse', calls: 'POST /v1/captures', onClick: () => void navigate({ to: '/captures', search: { make: 'true', credential: id } }) },
                  ...(state === 'active' ? [{ label: t('smpp.disable'), icon: 'pause', calls: 'PATCH /v1/smpp-credentials/{id}', onClick: () => setOpen('disable') } satisfies MoreEntry] : []),
                  { label: t('smpp.revoke'), icon: 'stop', calls: 'DELETE /v1/smpp-credentials/{id}', ends: true, onClick: () => setOpen('revoke') },
                ]}
              />
            </>
          )
        }
      />
      <div className="o-credential">
        <BindCard credential={credential} />
        <Stack gap="xl">
          <Facts
            facts={[
              [t('smpp.mode'), t(`smpp.mode.${credential.mode}`)],
              [t('smpp.account'), <Named key="account" id={credential.account_id} />],
              [t('smpp.lastBind'), <LastBind key="last" at={credential.last_bind_at} from={credential.last_bind_from} />],
              [t('smpp.expires'), <Time key="ends" at={credential.expires_at} as="absolute" never={t('smpp.noExpiry')} />],
              [t('smpp.made'), <Time key="made" at={credential.created_at} as="absolute" />],
              [t('smpp.id'), <Ident key="id">{id}</Ident>],
            ]}
          />
          {credential.previous_expires_at !== null && state !== 'revoked' && (
            <section aria-labelledby="old-password">
              <h2 id="old-password" className="o-section">{t('smpp.old')}</h2>
              <Text>
                {t('smpp.oldAbout')} <Time at={credential.previous_expires_at} as="absolute" />
              </Text>
              <Text c="dimmed">
                {t('smpp.lastBind')}: <Time at={credential.previous_bind_at} never={t('smpp.never')} />
              </Text>
              <Group mt="xs">
                <Button variant="default" onClick={() => void patch({ previous_expires_at: null }, t('smpp.oldEnded'))}>{t('smpp.endOld')}</Button>
              </Group>
            </section>
          )}
        </Stack>
      </div>
      <Stack gap="xl" mt="xl">
        <section aria-labelledby="its-binds">
          <h2 id="its-binds" className="o-section">{t('smpp.binds')}</h2>
          <Binds credential={id} />
        </section>
        <section aria-labelledby="its-refused">
          <h2 id="its-refused" className="o-section">{t('smpp.refused')}</h2>
          <RefusedBinds credential={id} />
        </section>
        {state !== 'revoked' && (
          <section aria-labelledby="its-profile" className="o-profile">
            <h2 id="its-profile" className="o-section">{t('smpp.profile')}</h2>
            <Suspense fallback={<Waiting />}>
              <ProfileForm credential={credential} />
            </Suspense>
          </section>
        )}
      </Stack>
      <Suspense>
        {open === 'password' && <NewPassword credential={credential} onClose={close} onPassword={setMade} />}
        {open === 'disable' && (
          <ConfirmDialog title={t('smpp.disableTitle', { name })} action={t('smpp.disable')} onClose={close} onConfirm={disable}>
            {t('smpp.disableAbout')}
          </ConfirmDialog>
        )}
        {open === 'revoke' && (
          <ConfirmDialog title={t('smpp.revokeTitle', { name })} action={t('smpp.revoke')} typed={credential.mode === 'live' ? name : undefined} onClose={close} onConfirm={revoke}>
            {t('smpp.revokeAbout')}
          </ConfirmDialog>
        )}
        {made !== null && <SecretDialog title={t('smpp.passwordOf', { name: made.name })} about={t('smpp.passwordAbout')} what={t('smpp.password')} secret={made.password} onClose={() => setMade(null)} />}
      </Suspense>
    </>
  )
}

function LastBind({ at, from }: { at: string | null; from: string | null }): ReactNode {
  const t = useT()
  return (
    <>
      <Time at={at} never={t('smpp.never')} /> {from !== null && <Ident>{from}</Ident>}
    </>
  )
}

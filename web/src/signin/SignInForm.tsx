// Signing in: by password and second factor, by passkey, or at the identity provider. A page and a dialog use it.
import { Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useQuery, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { isRefusal, type Refusal } from '../api/problem'
import type { components } from '../api/schema'
import { useT } from '../i18n/i18n'
import { FormErrors } from '../parts/FormErrors'
import { Icon } from '../parts/Icon'
import { RefusalText } from '../parts/RefusalText'
import { useForm } from '../parts/useForm'
import { openApi } from './open'
import { browserHasPasskeys, provePasskey } from './passkeys'
import './door.css'
import { TextLink } from '../parts/Link'

type Methods = components['schemas']['SignInMethods']
type Body = components['schemas']['SignInBody']

/** The cache of pages without a session. */
export const openQueries = new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 60_000 } } })

type Props = {
  /** The person whose session ended: nobody else can go on in its page. */
  email?: string
  /** Where the identity provider sends the browser back to, as a path of this site. Without it, it is not offered. */
  returnTo?: string
  onDone: () => void
}

export function SignInForm(props: Props): ReactNode {
  return (
    <QueryClientProvider client={openQueries}>
      <Steps {...props} />
    </QueryClientProvider>
  )
}

export const useMethods = (): { data: Methods | undefined; error: unknown } =>
  useQuery({ queryKey: ['sign-in'], queryFn: () => take(openApi.GET('/v1/sign-in')) })

type Second = { email: string; password: string; methods: string[] }

function Steps(props: Props): ReactNode {
  const [second, setSecond] = useState<Second | null>(null)
  return second === null ? (
    <First {...props} onSecond={setSecond} />
  ) : (
    <SecondFactor {...second} onDone={props.onDone} onBack={() => setSecond(null)} />
  )
}

const signIn = (body: Body): Promise<unknown> => take(openApi.POST('/v1/sessions', { body }))

function First({ email = '', returnTo, onDone, onSecond }: Props & { onSecond: (second: Second) => void }): ReactNode {
  const t = useT()
  const methods = useMethods().data
  const form = useForm({
    initial: { email, password: '' },
    send: async (values) => {
      try {
        await signIn(values)
        onDone()
      } catch (error) {
        if (!isRefusal(error, 'second_factor_required')) throw error
        onSecond({ ...values, methods: error.problem.methods ?? [] })
      }
    },
  })
  return (
    <Stack>
      <form {...form.props}>
        <Stack>
          <TextInput
            {...form.field('email')}
            label={t('signin.email')}
            type="email"
            dir="ltr"
            autoComplete="username webauthn"
            readOnly={email !== ''}
            data-autofocus={email === '' || undefined}
          />
          <PasswordInput {...form.field('password')} label={t('signin.password')} dir="ltr" autoComplete="current-password" visibilityToggleButtonProps={{ 'aria-label': t('signin.showPassword') }} data-autofocus={email !== '' || undefined} />
          <FormErrors form={form} />
          <Button type="submit" loading={form.busy} fullWidth>
            {t('signin.signIn')}
          </Button>
        </Stack>
      </form>
      {methods?.mail === true && email === '' && (
        <TextLink to="/forgotten" size="sm">
          {t('signin.forgotten')}
        </TextLink>
      )}
      <OtherWays methods={methods} returnTo={returnTo} onDone={onDone} />
      {methods?.password === 'owners' && (
        <Text size="sm" c="dimmed">
          {t('signin.ownersOnly')}
        </Text>
      )}
    </Stack>
  )
}

function OtherWays({ methods, returnTo, onDone }: { methods: Methods | undefined; returnTo?: string; onDone: () => void }): ReactNode {
  const t = useT()
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  if (methods === undefined) return null
  const passkeys = methods.passkeys && browserHasPasskeys()
  const provider = returnTo === undefined ? null : methods.oidc
  const showing = (act: () => Promise<void>) => (): void => {
    setRefusal(null)
    act().catch((error: unknown) => {
      if (!isRefusal(error)) throw error
      setRefusal(error)
    })
  }
  return (
    <>
      {(passkeys || provider !== null) && <div className="o-or">{t('signin.or')}</div>}
      {provider !== null && (
        <Button variant="default" leftSection={<Icon name="globe" />} onClick={showing(() => goToProvider(returnTo ?? '/'))}>
          {t('signin.withProvider', { name: provider })}
        </Button>
      )}
      {passkeys && (
        <Button variant="default" leftSection={<Icon name="fingerprint" />} onClick={showing(() => byPasskey({}, onDone))}>
          {t('signin.withPasskey')}
        </Button>
      )}
      {refusal !== null && (
        <div role="alert" className="o-refused">
          <RefusalText refusal={refusal} />
        </div>
      )}
    </>
  )
}

async function byPasskey(body: Body, onDone: () => void): Promise<void> {
  const { options } = await take(openApi.POST('/v1/sessions/passkey-options'))
  const passkey = await provePasskey(options)
  if (passkey === null) return
  await signIn({ ...body, passkey })
  onDone()
}

async function goToProvider(returnTo: string): Promise<void> {
  const { url } = await take(openApi.POST('/v1/oidc/start', { body: { purpose: 'sign_in', return_to: returnTo } }))
  location.assign(url)
}

function SecondFactor({ email, password, methods, onDone, onBack }: Second & { onDone: () => void; onBack: () => void }): ReactNode {
  const t = useT()
  const [recovery, setRecovery] = useState(!methods.includes('totp') && methods.includes('recovery'))
  const form = useForm({
    initial: { code: '' },
    send: async ({ code }) => {
      await signIn({ email, password, ...(recovery ? { recovery_code: code.trim() } : { code: code.replace(/\s/g, '') }) })
      onDone()
    },
  })
  const hasCode = methods.includes('totp') || methods.includes('recovery')
  return (
    <Stack>
      <Text>{t('signin.second')}</Text>
      {hasCode && (
        <form {...form.props}>
          <Stack>
            <TextInput
              {...form.field('code')}
              key={String(recovery)}
              label={recovery ? t('signin.recoveryCode') : t('signin.code')}
              description={recovery ? t('signin.recoveryAbout') : t('signin.codeAbout')}
              inputMode={recovery ? 'text' : 'numeric'}
              autoComplete="one-time-code"
              dir="ltr"
              autoFocus
            />
            <FormErrors form={form} />
            <Button type="submit" loading={form.busy} fullWidth>
              {t('signin.signIn')}
            </Button>
          </Stack>
        </form>
      )}
      {methods.includes('passkey') && browserHasPasskeys() && <PasskeyButton body={{ email, password }} onDone={onDone} />}
      {methods.includes('totp') && methods.includes('recovery') && (
        <Anchor component="button" type="button" size="sm" onClick={() => { setRecovery(!recovery); form.reset({ code: '' }) }}>
          {recovery ? t('signin.useCode') : t('signin.useRecovery')}
        </Anchor>
      )}
      <Anchor component="button" type="button" size="sm" onClick={onBack}>
        {t('signin.back')}
      </Anchor>
    </Stack>
  )
}

function PasskeyButton({ body, onDone }: { body: Body; onDone: () => void }): ReactNode {
  const t = useT()
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const go = (): void => {
    setRefusal(null)
    byPasskey(body, onDone).catch((error: unknown) => {
      if (!isRefusal(error)) throw error
      setRefusal(error)
    })
  }
  return (
    <>
      <Button variant="default" leftSection={<Icon name="fingerprint" />} onClick={go}>
        {t('signin.withPasskey')}
      </Button>
      {refusal !== null && (
        <div role="alert" className="o-refused">
          <RefusalText refusal={refusal} />
        </div>
      )}
    </>
  )
}

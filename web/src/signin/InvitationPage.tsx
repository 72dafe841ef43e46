// Accepting an invitation: a new person chooses a password, one who is here already signs in.
import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useT } from '../i18n/i18n'
import { FormErrors } from '../parts/FormErrors'
import { Found } from '../parts/States'
import { useForm } from '../parts/useForm'
import { Door } from './Door'
import { dropToken, enter, linkToken, openApi } from './open'
import { openQueries, SignInForm } from './SignInForm'

type Shown = components['schemas']['InvitationShown']

export function InvitationPage(): ReactNode {
  return (
    <QueryClientProvider client={openQueries}>
      <Page />
    </QueryClientProvider>
  )
}

function Page(): ReactNode {
  const t = useT()
  const [token] = useState(linkToken)
  const query = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => take(openApi.POST('/v1/invitations/show', { body: { token } })),
    enabled: token !== '',
    retry: false,
  })
  return (
    <Door title={t('signin.invited')}>
      {token === '' ? <Text>{t('signin.noToken')}</Text> : <Found query={query} rows={3}>{(shown) => <Accept token={token} shown={shown} />}</Found>}
    </Door>
  )
}

function Accept({ token, shown }: { token: string; shown: Shown }): ReactNode {
  const t = useT()
  const navigate = useNavigate()
  const entered = async (): Promise<void> => {
    dropToken()
    enter()
    await navigate({ to: '/', search: {} })
  }
  const form = useForm({
    initial: { name: '', password: '' },
    send: async (values) => {
      await take(openApi.POST('/v1/invitations/accept', { body: { ...values, token } }))
      form.reset()
      await entered()
    },
  })
  const accept = useForm({
    initial: {},
    send: async () => {
      await take(openApi.POST('/v1/invitations/accept', { body: { token } }))
      await entered()
    },
  })
  return (
    <Stack>
      <Text>{t('signin.invitedTo', { email: shown.email, account: shown.account_name, role: shown.role })}</Text>
      {shown.user_exists ? (
        <>
          <SignInForm email={shown.email} onDone={() => accept.submit()} />
          <FormErrors form={accept} />
        </>
      ) : (
        <form {...form.props}>
          <Stack>
            <TextInput {...form.field('name')} label={t('signin.name')} dir="auto" autoComplete="name" maxLength={100} autoFocus />
            <PasswordInput {...form.field('password')} label={t('signin.newPassword')} description={t('signin.passwordRule')} dir="ltr" autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': t('signin.showPassword') }} />
            <FormErrors form={form} />
            <Button type="submit" loading={form.busy}>
              {t('signin.accept')}
            </Button>
          </Stack>
        </form>
      )}
    </Stack>
  )
}

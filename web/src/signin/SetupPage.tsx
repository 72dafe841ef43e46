// The first page of all: the set-up link makes the owner.
import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useT } from '../i18n/i18n'
import { FormErrors } from '../parts/FormErrors'
import { useForm } from '../parts/useForm'
import { Door } from './Door'
import { dropToken, enter, linkToken, openApi } from './open'
import { TextLink } from '../parts/Link'
import { openQueries, useMethods } from './SignInForm'

export function SetupPage(): ReactNode {
  return (
    <QueryClientProvider client={openQueries}>
      <Page />
    </QueryClientProvider>
  )
}

function Page(): ReactNode {
  const t = useT()
  const navigate = useNavigate()
  const [token] = useState(linkToken)
  // Once there is an owner, no link makes another one.
  const setUp = useMethods().data?.set_up === true
  const form = useForm({
    initial: { email: '', name: '', password: '' },
    send: async (values) => {
      await take(openApi.POST('/v1/setup', { body: { ...values, token } }))
      dropToken()
      form.reset()
      enter()
      await navigate({ to: '/', search: {} })
    },
  })
  if (token === '' || setUp) {
    return (
      <Door title={t('signin.setup')}>
        <Text>{setUp ? t('signin.setUp') : t('signin.noToken')}</Text>
        <TextLink to="/sign-in">
          {t('signin.toSignIn')}
        </TextLink>
      </Door>
    )
  }
  return (
    <Door title={t('signin.setup')} about={t('signin.setupAbout')}>
      <form {...form.props}>
        <Stack>
          <TextInput {...form.field('email')} label={t('signin.email')} type="email" dir="ltr" autoComplete="username" autoFocus />
          <TextInput {...form.field('name')} label={t('signin.name')} dir="auto" autoComplete="name" maxLength={100} />
          <PasswordInput {...form.field('password')} label={t('signin.newPassword')} description={t('signin.passwordRule')} dir="ltr" autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': t('signin.showPassword') }} />
          <FormErrors form={form} />
          <Button type="submit" loading={form.busy}>
            {t('signin.setupDo')}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}

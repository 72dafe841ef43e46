// A forgotten password: a link is sent. The answer is the same for an address that nobody has.
import { Button, Stack, Text, TextInput } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useT } from '../i18n/i18n'
import { FormErrors } from '../parts/FormErrors'
import { useForm } from '../parts/useForm'
import { Door } from './Door'
import { openApi } from './open'
import { TextLink } from '../parts/Link'
import { openQueries, useMethods } from './SignInForm'

export function ForgottenPage(): ReactNode {
  return (
    <QueryClientProvider client={openQueries}>
      <Page />
    </QueryClientProvider>
  )
}

function Page(): ReactNode {
  const t = useT()
  const [sent, setSent] = useState(false)
  const mails = useMethods().data?.mail !== false
  const form = useForm({
    initial: { email: '' },
    send: async (body) => {
      await take(openApi.POST('/v1/password-resets', { body }))
      form.reset()
      setSent(true)
    },
  })
  return (
    <Door title={t('signin.forgottenTitle')}>
      {!mails ? (
        <Text>{t('signin.forgottenAsk')}</Text>
      ) : sent ? (
        <Text role="status">{t('signin.resetSent')}</Text>
      ) : (
        <form {...form.props}>
          <Stack>
            <Text>{t('signin.forgottenAbout')}</Text>
            <TextInput {...form.field('email')} label={t('signin.email')} type="email" dir="ltr" autoComplete="username" autoFocus />
            <FormErrors form={form} />
            <Button type="submit" loading={form.busy}>
              {t('signin.sendLink')}
            </Button>
          </Stack>
        </form>
      )}
      <TextLink to="/sign-in" size="sm">
        {t('signin.toSignIn')}
      </TextLink>
    </Door>
  )
}

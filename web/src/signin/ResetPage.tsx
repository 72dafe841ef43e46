// A new password by a link.
import { Button, PasswordInput, Stack, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useT } from '../i18n/i18n'
import { FormErrors } from '../parts/FormErrors'
import { useForm } from '../parts/useForm'
import { Door } from './Door'
import { dropToken, linkToken, openApi } from './open'
import { TextLink } from '../parts/Link'

export function ResetPage(): ReactNode {
  const t = useT()
  const [token] = useState(linkToken)
  const [done, setDone] = useState(false)
  const form = useForm({
    initial: { password: '' },
    send: async (values) => {
      await take(openApi.POST('/v1/password-resets/use', { body: { ...values, token } }))
      dropToken()
      form.reset({ password: '' })
      setDone(true)
    },
  })
  return (
    <Door title={t('signin.reset')} about={done ? undefined : t('signin.resetAbout')}>
      {token === '' ? (
        <Text>{t('signin.noToken')}</Text>
      ) : done ? (
        <Text role="status">{t('signin.resetDone')}</Text>
      ) : (
        <form {...form.props}>
          <Stack>
            <PasswordInput {...form.field('password')} label={t('signin.newPassword')} description={t('signin.passwordRule')} dir="ltr" autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': t('signin.showPassword') }} autoFocus />
            <FormErrors form={form} />
            <Button type="submit" loading={form.busy}>
              {t('signin.resetDo')}
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

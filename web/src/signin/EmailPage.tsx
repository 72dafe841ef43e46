// A new e-mail address by the link that was sent to it.
import { Button, Stack, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useT } from '../i18n/i18n'
import { FormErrors } from '../parts/FormErrors'
import { useForm } from '../parts/useForm'
import { Door } from './Door'
import { dropToken, linkToken, openApi } from './open'
import { TextLink } from '../parts/Link'

export function EmailPage(): ReactNode {
  const t = useT()
  const [token] = useState(linkToken)
  const [done, setDone] = useState(false)
  const form = useForm({
    initial: {},
    send: async () => {
      await take(openApi.POST('/v1/email-changes/use', { body: { token } }))
      dropToken()
      setDone(true)
    },
  })
  return (
    <Door title={t('signin.newEmail')} about={done ? undefined : t('signin.newEmailAbout')}>
      {token === '' ? (
        <Text>{t('signin.noToken')}</Text>
      ) : done ? (
        <Text role="status">{t('signin.newEmailDone')}</Text>
      ) : (
        <form {...form.props}>
          <Stack>
            <FormErrors form={form} />
            <Button type="submit" loading={form.busy}>
              {t('signin.confirm')}
            </Button>
          </Stack>
        </form>
      )}
      <TextLink to="/">
        {t('signin.toConsole')}
      </TextLink>
    </Door>
  )
}

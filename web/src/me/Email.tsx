// Another e-mail address. It counts once the link that is sent to it was used.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMe } from '../app/session'
import { Rich } from '../i18n/Rich'
import { useT } from '../i18n/i18n'
import { FormErrors } from '../parts/FormErrors'
import { useForm } from '../parts/useForm'
import { Section } from './Section'

export function Email({ present }: { present: string }): ReactNode {
  const t = useT()
  const api = useApi()
  const { features } = useMe()
  const [asked, setAsked] = useState<string | null>(null)
  const form = useForm({
    initial: { email: '' },
    send: async ({ email }) => {
      await take(api.POST('/v1/me/email', { body: { email: email.trim() } }))
      form.reset({ email: '' })
      setAsked(email.trim())
    },
  })
  return (
    <Section title={t('signin.email')}>
      <Stack maw="24rem">
        <Text>
          <bdi dir="ltr">{present}</bdi>
        </Text>
        {!features.includes('mail') ? (
          <Text c="dimmed">{t('me.noMail')}</Text>
        ) : (
          <form {...form.props}>
            <Stack>
              <TextInput {...form.field('email')} label={t('me.newEmail')} description={t('me.newEmailAbout')} type="email" dir="ltr" autoComplete="email" maxLength={254} />
              <FormErrors form={form} />
              {asked !== null && (
                <Text role="status">
                  <Rich id="me.emailAsked" values={{ email: <bdi dir="ltr">{asked}</bdi> }} />
                </Text>
              )}
              <Group>
                <Button type="submit" variant="default" loading={form.busy} disabled={form.values.email.trim() === ''}>
                  {t('me.sendLink')}
                </Button>
              </Group>
            </Stack>
          </form>
        )}
      </Stack>
    </Section>
  )
}

// A new password. One's other sessions end.
import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { ME, useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { FormErrors } from '../parts/FormErrors'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import { Section } from './Section'

export function Password({ has }: { has: boolean }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const form = useForm({
    initial: { password: '', new_password: '' },
    send: async ({ password, new_password }) => {
      const body = has ? { password, new_password } : { new_password }
      queries.setQueryData(ME, await take(api.POST('/v1/me/password', { body })))
      await queries.invalidateQueries({ queryKey: ['/v1/sessions'] })
      form.reset({ password: '', new_password: '' })
      notify(t('me.passwordSaved'))
    },
  })
  const toggle = { visibilityToggleButtonProps: { 'aria-label': t('signin.showPassword') } }
  return (
    <Section title={t('signin.password')}>
      <form {...form.props}>
        <Stack maw="24rem">
          {has ? (
            <PasswordInput {...form.field('password')} {...toggle} label={t('me.present')} dir="ltr" autoComplete="current-password" />
          ) : (
            <Text>{t('me.noPassword')}</Text>
          )}
          <PasswordInput {...form.field('new_password')} {...toggle} label={t('signin.newPassword')} description={t('signin.passwordRule')} dir="ltr" autoComplete="new-password" />
          <FormErrors form={form} />
          <Group>
            <Button type="submit" variant="default" loading={form.busy} disabled={!form.dirty}>
              {t('me.setPassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}

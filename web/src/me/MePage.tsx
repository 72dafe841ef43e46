// Who can come in as me, and how? One's name, password, second factors, and the browsers in which one is signed in.
import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { ME, type Me, useApi, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { FormErrors } from '../parts/FormErrors'
import { notify } from '../parts/Notices'
import { PageHead } from '../parts/PageHead'
import { useForm } from '../parts/useForm'
import { Email } from './Email'
import { OneTimeCodes } from './OneTimeCodes'
import { Passkeys } from './Passkeys'
import { Password } from './Password'
import { RecoveryCodes } from './RecoveryCodes'
import { Section } from './Section'
import { Sessions } from './Sessions'

type User = NonNullable<Me['user']>

export function MePage(): ReactNode {
  const t = useT()
  const { user } = useMe()
  if (user === null) return null // a key signs nobody in here
  return (
    <>
      <PageHead title={t('me.title')} about={<bdi dir="ltr">{user.email}</bdi>} />
      <Stack maw="46rem" gap="xl">
        <Name user={user} />
        <Email present={user.email} />
        <Password has={user.factors.password} />
        <OneTimeCodes on={user.factors.totp} />
        <Passkeys />
        <RecoveryCodes left={user.factors.recovery_codes} possible={user.factors.totp || user.factors.passkeys > 0} />
        <Sessions />
      </Stack>
    </>
  )
}

function Name({ user }: { user: User }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const form = useForm({
    initial: { name: user.name },
    send: async (body) => {
      queries.setQueryData(ME, await take(api.PATCH('/v1/me', { body })))
      notify(t('me.saved'))
    },
  })
  return (
    <Section title={t('me.profile')}>
      <form {...form.props}>
        <Group align="flex-end">
          <TextInput {...form.field('name')} label={t('me.name')} dir="auto" autoComplete="name" maxLength={100} flex="1 1 14rem" />
          <Button type="submit" variant="default" loading={form.busy} disabled={!form.dirty}>
            {t('me.save')}
          </Button>
        </Group>
        <FormErrors form={form} />
      </form>
    </Section>
  )
}

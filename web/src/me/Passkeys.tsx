// One's passkeys: a list, a new one, and their ends.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { ME, useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { FormErrors } from '../parts/FormErrors'
import { Icon } from '../parts/Icon'
import { Found } from '../parts/States'
import { useForm } from '../parts/useForm'
import { ServerWords, Time } from '../parts/Values'
import { browserHasPasskeys, makePasskey } from '../signin/passkeys'
import { ShownCodes } from './RecoveryCodes'
import { Section } from './Section'

const PASSKEYS = '/v1/me/passkeys'

type Passkey = components['schemas']['PasskeyView']

export function Passkeys(): ReactNode {
  const t = useT()
  const api = useApi()
  const query = useQuery({ queryKey: [PASSKEYS], queryFn: () => take(api.GET(PASSKEYS)) })
  const methods = useQuery({ queryKey: ['/v1/sign-in'], queryFn: () => take(api.GET('/v1/sign-in')) }).data
  const reason = methods?.passkeys_reason ?? null
  return (
    <Section title={t('me.passkeys')}>
      <Stack>
        <Text>{t('me.passkeysAbout')}</Text>
        <Found query={query} rows={1}>
          {({ data }) => data.map((passkey) => <OnePasskey key={passkey.id} passkey={passkey} />)}
        </Found>
        {reason !== null && (
          <Text c="dimmed">
            {t('me.noPasskeys')} <ServerWords>{reason}</ServerWords>
          </Text>
        )}
        {methods?.passkeys === true && (browserHasPasskeys() ? <NewPasskey /> : <Text c="dimmed">{t('me.oldBrowser')}</Text>)}
      </Stack>
    </Section>
  )
}

function useAgain(): () => Promise<unknown> {
  const queries = useQueryClient()
  return () => Promise.all([queries.invalidateQueries({ queryKey: [PASSKEYS] }), queries.invalidateQueries({ queryKey: ME })])
}

function OnePasskey({ passkey }: { passkey: Passkey }): ReactNode {
  const t = useT()
  const api = useApi()
  const again = useAgain()
  const [asking, setAsking] = useState(false)
  const remove = async (): Promise<void> => {
    await take(api.DELETE('/v1/me/passkeys/{id}', { params: { path: { id: passkey.id } } }))
    await again()
  }
  return (
    <Group justify="space-between">
      <Group gap="xs">
        <Icon name="fingerprint" />
        <bdi dir="auto">{passkey.name}</bdi>
        <Text size="sm" c="dimmed">
          {t('me.lastUsed')} <Time at={passkey.last_used_at} never={t('me.never')} />
        </Text>
      </Group>
      <Button variant="subtle" color="red" c="var(--onesixty-bad)" size="xs" onClick={() => setAsking(true)} aria-label={`${t('me.remove')}: ${passkey.name}`}>
        {t('me.remove')}
      </Button>
      {asking && (
        <ConfirmDialog title={t('me.removeTitle', { name: passkey.name })} action={t('me.remove')} onClose={() => setAsking(false)} onConfirm={remove}>
          {t('me.removeAbout')}
        </ConfirmDialog>
      )}
    </Group>
  )
}

function NewPasskey(): ReactNode {
  const t = useT()
  const api = useApi()
  const again = useAgain()
  const [codes, setCodes] = useState<string[] | null>(null)
  const form = useForm({
    initial: { name: '' },
    send: async ({ name }) => {
      const { options } = await take(api.POST('/v1/me/passkeys/options'))
      const credential = await makePasskey(options)
      if (credential === null) return
      const made = await take(api.POST(PASSKEYS, { body: { name, credential } }))
      form.reset({ name: '' })
      setCodes(made.recovery_codes)
      await again()
    },
  })
  return (
    <form {...form.props}>
      <Group align="flex-end">
        <TextInput {...form.field('name')} label={t('me.passkeyName')} placeholder={t('me.passkeyExample')} dir="auto" maxLength={100} flex="1 1 12rem" />
        <Button type="submit" variant="default" loading={form.busy} leftSection={<Icon name="plus" />}>
          {t('me.addPasskey')}
        </Button>
      </Group>
      <FormErrors form={form} />
      {codes !== null && <ShownCodes codes={codes} onClose={() => setCodes(null)} />}
    </form>
  )
}

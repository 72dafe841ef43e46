// One-time codes of an app (TOTP): turned on by a first code, and off again.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { ME, useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { Copy } from '../parts/Copy'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { notify, notifyRefusal } from '../parts/Notices'
import { StatusBadge } from '../parts/StatusBadge'
import { useForm } from '../parts/useForm'
import { Ident } from '../parts/Values'
import { ShownCodes } from './RecoveryCodes'
import { Section } from './Section'

type Begun = components['schemas']['TotpBegun']

export function OneTimeCodes({ on }: { on: boolean }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [begun, setBegun] = useState<Begun | null>(null)
  const [codes, setCodes] = useState<string[] | null>(null)
  const [off, setOff] = useState(false)
  const begin = async (): Promise<void> => {
    try {
      setBegun(await take(api.POST('/v1/me/totp')))
    } catch (error) {
      notifyRefusal(error)
    }
  }
  const confirmed = async (made: string[] | null): Promise<void> => {
    setBegun(null)
    setCodes(made)
    await queries.invalidateQueries({ queryKey: ME })
    notify(t('me.codesOn'))
  }
  const remove = async (): Promise<void> => {
    await take(api.DELETE('/v1/me/totp'))
    await queries.invalidateQueries({ queryKey: ME })
  }
  return (
    <Section title={t('me.codes')}>
      <Stack align="flex-start">
        <Text>{t('me.codesAbout')}</Text>
        <Group>
          <StatusBadge tone={on ? 'good' : 'quiet'}>{on ? t('me.on') : t('me.off')}</StatusBadge>
          <Button variant="default" onClick={() => void begin()}>
            {on ? t('me.newApp') : t('me.turnOn')}
          </Button>
          {on && (
            <Button variant="subtle" color="red" c="var(--onesixty-bad)" onClick={() => setOff(true)}>
              {t('me.turnOff')}
            </Button>
          )}
        </Group>
      </Stack>
      {begun !== null && <Confirm begun={begun} onClose={() => setBegun(null)} onDone={(made) => void confirmed(made)} />}
      {codes !== null && <ShownCodes codes={codes} onClose={() => setCodes(null)} />}
      {off && (
        <ConfirmDialog title={t('me.turnOffTitle')} action={t('me.turnOff')} onClose={() => setOff(false)} onConfirm={remove}>
          {t('me.turnOffAbout')}
        </ConfirmDialog>
      )}
    </Section>
  )
}

type ConfirmProps = { begun: Begun; onClose: () => void; onDone: (codes: string[] | null) => void }

function Confirm({ begun, onClose, onDone }: ConfirmProps): ReactNode {
  const t = useT()
  const api = useApi()
  const form = useForm({
    initial: { code: '' },
    send: async ({ code }) => {
      const body = { token: begun.token, code: code.replace(/\s/g, '') }
      onDone((await take(api.POST('/v1/me/totp/confirm', { body }))).recovery_codes)
    },
  })
  return (
    <Dialog onClose={onClose} title={t('me.turnOn')} centered>
      <form {...form.props}>
        <Stack>
          <Text>{t('me.scan')}</Text>
          {/* As an image: the policy of the page allows no styles in it. White, since cameras want dark on light. */}
          <img className="o-qr" src={`data:image/svg+xml,${encodeURIComponent(begun.svg)}`} alt={t('me.qr')} width={200} height={200} />
          <Group gap="xs">
            <Text size="sm">{t('me.typeIn')}</Text>
            <Ident>{begun.secret}</Ident>
            <Copy value={begun.secret} what={t('me.secret')} />
          </Group>
          <TextInput {...form.field('code')} label={t('signin.code')} description={t('signin.codeAbout')} inputMode="numeric" autoComplete="one-time-code" dir="ltr" data-autofocus />
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy}>
              {t('signin.confirm')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

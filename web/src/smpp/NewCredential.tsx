// The form for a new credential. Its password is made by the server and shown once.
import { Button, Checkbox, NumberInput, Radio, SimpleGrid, Stack, TagsInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { useForm } from '../parts/useForm'
import type { Password } from './SmppPage'
import { CREDENTIALS } from './smpp'

type Values = {
  system_id: string
  mode: 'live' | 'test'
  allowed_networks: string[]
  allowed_senders: string[]
  max_binds: number | ''
  window: number | ''
  rate: number | ''
  inbound: boolean
}
type Props = { onClose: () => void; onMade: (made: Password) => void }

/** A refusal names the field within the profile. */
const NAMES = Object.fromEntries(['allowed_networks', 'allowed_senders', 'max_binds', 'window', 'rate', 'inbound'].map((name) => [`profile.${name}`, name]))

export function NewCredential({ onClose, onMade }: Props): ReactNode {
  const t = useT()
  const me = useMe()
  const api = useApi()
  const queries = useQueryClient()
  const form = useForm<Values>({
    initial: { system_id: '', mode: me.mode, allowed_networks: [], allowed_senders: [], max_binds: 10, window: 200, rate: '', inbound: true },
    names: { ...NAMES, test: 'mode' },
    send: async (values) => {
      const made = await take(api.POST('/v1/smpp-credentials', { body: bodyOf(values) }))
      await queries.invalidateQueries({ queryKey: [CREDENTIALS] })
      onClose()
      onMade({ name: made.system_id, password: made.password ?? '' })
    },
  })
  const clear = { 'aria-label': t('parts.clear') }
  return (
    <Dialog onClose={onClose} title={t('smpp.make')} size="lg">
      <form {...form.props}>
        <Stack>
          <TextInput {...form.field('system_id')} label={t('smpp.systemId')} description={t('smpp.systemIdAbout')} maxLength={15} dir="ltr" autoComplete="off" data-autofocus />
          {me.mode === 'live' && (
            <Radio.Group {...form.field('mode')} label={t('smpp.mode')}>
              <Stack gap="xs" mt="xs">
                <Radio value="live" label={t('smpp.mode.live')} description={t('smpp.liveAbout')} />
                <Radio value="test" label={t('smpp.mode.test')} description={t('smpp.testAbout')} />
              </Stack>
            </Radio.Group>
          )}
          <SimpleGrid cols={{ base: 1, xs: 3 }}>
            <NumberInput {...form.field('max_binds')} label={t('smpp.maxBinds')} min={1} allowDecimal={false} clampBehavior="none" hideControls />
            <NumberInput {...form.field('window')} label={t('smpp.window')} min={1} allowDecimal={false} clampBehavior="none" hideControls />
            <NumberInput {...form.field('rate')} label={t('smpp.rate')} placeholder={t('smpp.rateDefault')} min={1} allowDecimal={false} clampBehavior="none" hideControls />
          </SimpleGrid>
          <TagsInput {...form.field('allowed_networks')} label={t('smpp.networks')} description={t('smpp.networksAbout')} placeholder="192.0.2.0/24" dir="ltr" clearButtonProps={clear} />
          <TagsInput {...form.field('allowed_senders')} label={t('smpp.senders')} description={t('smpp.sendersAbout')} dir="ltr" clearButtonProps={clear} />
          <Checkbox {...form.check('inbound')} label={t('smpp.inbound')} />
          <FormErrors form={form} />
          <FormActions aside={<CopyAsCode request={{ operation: 'POST /v1/smpp-credentials', body: bodyOf(form.values) }} />}>
            <Button variant="default" onClick={onClose}>{t('parts.cancel')}</Button>
            <Button type="submit" loading={form.busy}>{t('smpp.makeDo')}</Button>
          </FormActions>
        </Stack>
      </form>
    </Dialog>
  )
}

/** An empty number is left out: the default counts. */
function bodyOf({ system_id, mode, max_binds, window, rate, ...profile }: Values) {
  return {
    system_id: system_id.trim(),
    test: mode === 'test',
    profile: {
      ...profile,
      ...(max_binds === '' ? {} : { max_binds }),
      ...(window === '' ? {} : { window }),
      ...(rate === '' ? {} : { rate }),
    },
  }
}

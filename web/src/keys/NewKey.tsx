// The form for a new key: its name, mode, scopes, and from when and where it may be used.
import { Button, Checkbox, NumberInput, Radio, Select, SimpleGrid, Stack, TagsInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { isLiveOnly } from '../api/scopes'
import { type Me, useApi, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { LimitFields, limitParams, type LimitValues, limitValues, givenLimits } from '../parts/Limits'
import { useForm } from '../parts/useForm'
import { Right } from '../rights/rights'
import { KEYS, LIMITS } from './key'

type Values = {
  name: string
  mode: 'live' | 'test'
  scopes: Me['scopes']
  days: string
  allowed_networks: string[]
  requests_per_second: number | ''
} & LimitValues<(typeof LIMITS)[number]>

type Props = { onClose: () => void; onMade: (made: { name: string; secret: string }) => void }

const DAY_MS = 86_400_000
const LIVES = ['', '7', '30', '90', '365'] as const

export function NewKey({ onClose, onMade }: Props): ReactNode {
  const t = useT()
  const me = useMe()
  const api = useApi()
  const queries = useQueryClient()
  const form = useForm<Values>({
    initial: { name: '', mode: me.mode, scopes: me.scopes.filter((scope) => scope === 'messages:send' || scope === 'messages:read'), days: '', allowed_networks: [], requests_per_second: '', ...limitValues(LIMITS) },
    names: { expires_at: 'days', ...limitParams(LIMITS, 'limits') },
    send: async (values) => {
      const made = await take(api.POST('/v1/keys', { body: bodyOf(values) }))
      await queries.invalidateQueries({ queryKey: [KEYS] })
      onClose()
      onMade({ name: made.name, secret: made.secret ?? '' })
    },
  })
  const { values } = form
  const setMode = (mode: string): void => {
    const live = mode === 'live'
    form.change({ mode: live ? 'live' : 'test', scopes: values.scopes.filter((scope) => live || !isLiveOnly(scope)) })
  }

  return (
    <Dialog onClose={onClose} title={t('keys.make')} size="lg">
      <form {...form.props}>
        <Stack>
          <TextInput {...form.field('name')} label={t('keys.name')} description={t('keys.nameAbout')} dir="auto" maxLength={100} data-autofocus />
          <Radio.Group {...form.field('mode')} onChange={setMode} label={t('keys.mode')}>
            <Stack gap="xs" mt="xs">
              <Radio value="live" label={t('keys.mode.live')} description={t('keys.liveAbout')} />
              <Radio value="test" label={t('keys.mode.test')} description={t('keys.testAbout')} />
            </Stack>
          </Radio.Group>
          <Checkbox.Group {...form.field('scopes')} label={t('keys.scopes')} description={t('keys.scopesAbout')}>
            <SimpleGrid cols={{ base: 1, xs: 2 }} mt="xs" spacing="xs">
              {me.scopes.map((scope) => (
                <Checkbox
                  key={scope}
                  value={scope}
                  label={<Right scope={scope} />}
                  disabled={values.mode === 'test' && isLiveOnly(scope)}
                />
              ))}
            </SimpleGrid>
          </Checkbox.Group>
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <Select
              {...form.field('days')}
              label={t('keys.expires')}
              allowDeselect={false}
              data={LIVES.map((days) => ({ value: days, label: days === '' ? t('keys.noExpiry') : t('keys.inDays', { days: Number(days) }) }))}
            />
            <NumberInput {...form.field('requests_per_second')} label={t('keys.rate')} placeholder={t('keys.rateDefault')} min={1} allowDecimal={false} clampBehavior="none" hideControls />
          </SimpleGrid>
          <TagsInput {...form.field('allowed_networks')} label={t('keys.networks')} description={t('keys.networksAbout')} placeholder="192.0.2.0/24" dir="ltr" clearButtonProps={{ 'aria-label': t('parts.clear') }} />
          <LimitFields names={LIMITS} form={form} about={t('parts.limitsAbout')} folded />
          <FormErrors form={form} />
          <FormActions aside={<CopyAsCode request={{ operation: 'POST /v1/keys', body: bodyOf(values) }} />}>
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy}>
              {t('keys.makeDo')}
            </Button>
          </FormActions>
        </Stack>
      </form>
    </Dialog>
  )
}

function bodyOf(values: Values) {
  const { name, mode, scopes, days, allowed_networks, requests_per_second: rate } = values
  const limits = givenLimits(LIMITS, values)
  return {
    name,
    mode,
    scopes,
    allowed_networks,
    ...(days === '' ? {} : { expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }),
    ...(rate === '' ? {} : { requests_per_second: rate }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  }
}

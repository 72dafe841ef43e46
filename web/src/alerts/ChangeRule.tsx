// The form of a rule: from where on it fires, and whether it is on or muted.
import { Button, Group, NumberInput, Select, SimpleGrid, Stack, Switch, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { useFormat } from '../parts/format'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import { Ident } from '../parts/Values'
import { type Rule, RULES } from './alert'
import { AlertWords } from './words'

/** For how long it is muted from now; `keep` changes nothing, `none` ends it. */
const MUTES = ['keep', 'none', '1', '8', '24', '168'] as const
const HOUR_MS = 3_600_000

type Values = { threshold: number | string; for_seconds: number | string; enabled: boolean; mute: string }

export function ChangeRule({ rule, onClose }: { rule: Rule; onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const format = useFormat()
  const queries = useQueryClient()
  const muted = rule.muted_until !== null && Date.parse(rule.muted_until) > Date.now()
  const form = useForm<Values>({
    initial: { threshold: rule.threshold, for_seconds: rule.for_seconds, enabled: rule.enabled, mute: 'keep' },
    names: { muted_until: 'mute' },
    send: async (values) => {
      // Somebody else may have changed it since it was read.
      const params = { path: { name: rule.name }, header: { 'if-match': `"${rule.version}"` } }
      await take(api.PATCH('/v1/alert-rules/{name}', { params, body: bodyOf(values) }))
      await queries.invalidateQueries({ queryKey: [RULES] })
      notify(t('alerts.changed', { rule: rule.name }))
      onClose()
    },
  })
  return (
    <Dialog onClose={onClose} title={<Ident>{rule.name}</Ident>} size="lg">
      <form {...form.props}>
        <Stack>
          <Text>
            <AlertWords>{rule.about}</AlertWords>
          </Text>
          <Switch {...form.check('enabled')} label={t('alerts.enabled')} />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <NumberInput
              {...form.field('threshold')}
              label={t(`alerts.threshold.${rule.breached}`)}
              description={<Ident>{rule.unit}</Ident>}
              clampBehavior="none"
              hideControls
              data-autofocus
            />
            <NumberInput {...form.field('for_seconds')} label={t('alerts.forSeconds')} description={t('alerts.forSecondsAbout')} allowDecimal={false} clampBehavior="none" hideControls />
          </SimpleGrid>
          <Select
            {...form.field('mute')}
            label={t('alerts.mute')}
            description={t('alerts.muteAbout')}
            allowDeselect={false}
            data={MUTES.map((value) => ({
              value,
              label:
                value === 'keep' ? (muted && rule.muted_until !== null ? t('alerts.muteKeep', { time: format.short(rule.muted_until) }) : t('alerts.muteNot'))
                : value === 'none' ? t('alerts.muteEnd')
                : t('alerts.muteHours', { time: format.duration(Number(value) * HOUR_MS) }),
            })).filter(({ value }) => muted || value !== 'none')}
          />
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Act calls="PATCH /v1/alert-rules/{name}" type="submit" loading={form.busy}>
              {t('alerts.save')}
            </Act>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

function bodyOf({ threshold, for_seconds, enabled, mute }: Values) {
  return {
    enabled,
    // An emptied field is the rule's own default.
    threshold: threshold === '' ? null : Number(threshold),
    for_seconds: for_seconds === '' ? null : Number(for_seconds),
    ...(mute === 'keep' ? {} : { muted_until: mute === 'none' ? null : new Date(Date.now() + Number(mute) * HOUR_MS).toISOString() }),
  }
}

// Pauses or drains something: what, why and until when. What it will hold is counted before it is confirmed.
import { Autocomplete, Button, Group, Radio, Select, Stack, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useDeferredValue } from 'react'
import { take } from '../api/client'
import { oneOf } from '../app/search'
import { useApi, useMay } from '../app/session'
import { countryName } from '../messages/fields'
import { FormActions } from '../parts/FormActions'
import { COUNTRIES } from '../parts/countries'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { useFormat } from '../parts/format'
import { notify } from '../parts/Notices'
import { type Form, useForm } from '../parts/useForm'
import { useList } from '../parts/useList'
import { changedBy, KINDS, type Pause } from './desk'
import { WillHold } from './held'
import { endOf, HOURS, type Until } from './until'

type Values = { kind: Pause['kind']; value: string; mode: Pause['mode']; reason: string; until: Until; at: string }
/** `fixed`: it is this subject, and no other can be chosen. */
type Props = { kind?: Pause['kind']; value?: string; mode?: Pause['mode']; fixed?: boolean; onClose: () => void }

const kindOf = oneOf(...KINDS)

export function NewPause({ kind = 'carrier', value = '', mode = 'pause', fixed = false, onClose }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const format = useFormat()
  const queries = useQueryClient()
  const form = useForm<Values>({
    initial: { kind, value, mode, reason: '', until: '', at: '' },
    // What is fixed has no field at which an error could stand.
    names: { ends_at: 'until', ...(fixed ? { value: 'subject' } : {}) },
    send: async (values) => {
      const made = await take(api.POST('/v1/pauses', { body: bodyOf(values, Date.now()) }))
      await Promise.all(changedBy.map((key) => queries.invalidateQueries({ queryKey: [key] })))
      notify(t(made.mode === 'drain' ? 'desk.drained' : 'desk.paused', { subject: made.value }))
      onClose()
    },
  })
  const { values } = form
  const counted = useDeferredValue(values.value.trim())
  return (
    <Dialog onClose={onClose} title={fixed ? t(`desk.ask.${values.mode}`, { subject: value }) : t('desk.make')} size="lg">
      <form {...form.props}>
        <Stack>
          {!fixed && <Which form={form} />}
          <Radio.Group {...form.field('mode')} label={t('desk.how')}>
            <Stack gap="xs" mt="xs">
              <Radio value="pause" label={t('desk.doPause')} description={t('desk.pauseAbout')} />
              <Radio value="drain" label={t('desk.doDrain')} description={t('desk.drainAbout')} />
            </Stack>
          </Radio.Group>
          <WillHold subject={{ kind: values.kind, value: counted }} mode={values.mode} />
          <TextInput {...form.field('reason')} label={t('desk.reason')} description={t('desk.reasonAbout')} maxLength={500} dir="auto" data-autofocus={fixed || undefined} />
          <Group align="flex-end" grow>
            <Select
              {...form.field('until')}
              label={t('desk.until')}
              allowDeselect={false}
              data={[
                { value: '', label: t('desk.untilResumed') },
                ...HOURS.map((hours) => ({ value: hours, label: t('desk.untilIn', { time: format.duration(Number(hours) * 3_600_000) }) })),
                { value: 'at', label: t('desk.untilAt') },
              ]}
            />
            {values.until === 'at' && <TextInput {...form.field('at')} type="datetime-local" label={t('desk.at')} dir="ltr" />}
          </Group>
          <FormErrors form={form} />
          <FormActions aside={<CopyAsCode request={{ operation: 'POST /v1/pauses', body: bodyOf(values, Date.now()) }} />}>
            <Button variant="default" onClick={onClose}>{t('parts.cancel')}</Button>
            <Act calls="POST /v1/pauses" type="submit" color="red.9" loading={form.busy}>{values.mode === 'drain' ? t('desk.doDrain') : t('desk.doPause')}</Act>
          </FormActions>
        </Stack>
      </form>
    </Dialog>
  )
}

const bodyOf = ({ kind, value, mode, reason, until, at }: Values, now: number) => {
  const ends = endOf(until, at, now)
  return { kind, value: value.trim(), mode, reason: reason.trim() === '' ? null : reason.trim(), ...(ends === null ? {} : { ends_at: ends }) }
}

/** The subject: of which kind, and which one. */
function Which({ form }: { form: Form<Values> }): ReactNode {
  const t = useT()
  const { kind } = form.values
  return (
    <>
      <Select
        {...form.field('kind')}
        label={t('desk.kind')}
        allowDeselect={false}
        data={KINDS.map((each) => ({ value: each, label: t(`desk.kind.${each}`) }))}
        onChange={(to) => form.change({ kind: kindOf(to) ?? 'carrier', value: '' })}
      />
      <Value key={kind} kind={kind} field={form.field('value')} />
    </>
  )
}

type Field = ReturnType<Form<Values>['field']>
type ValueProps = { kind: Pause['kind']; field: Field }

/** What is paused: chosen among what there is, or written. */
function Value({ kind, field }: ValueProps): ReactNode {
  const t = useT()
  const label = t(`desk.kind.${kind}`)
  const names = useNames(kind)
  if (kind === 'sender') return <TextInput {...field} value={String(field.value)} label={label} description={t('desk.senderAbout')} dir="ltr" data-autofocus />
  if (names.length > 0 && (kind === 'account' || kind === 'country')) return <Select {...field} value={String(field.value)} label={label} data={names} searchable openOnFocus={false} data-autofocus />
  return (
    <Autocomplete {...field} value={String(field.value)} label={label} data={names.map(({ label: name }) => name)} dir="auto" openOnFocus={false} data-autofocus
      description={kind === 'bind' ? <Text component="span" size="xs">{t('desk.bindAbout')}</Text> : undefined} />
  )
}

type Named = { value: string; label: string }

/** What can be paused of a kind, as far as one may read it. */
function useNames(kind: Pause['kind']): Named[] {
  const t = useT()
  const api = useApi()
  const [carriers, routes, accounts, states] = [useMay('GET /v1/carriers'), useMay('GET /v1/routes'), useMay('GET /v1/accounts'), useMay('GET /v1/carrier-states')]
  const found = {
    carrier: useList('/v1/carriers', { limit: 200 }, { enabled: carriers && kind === 'carrier' }),
    route: useList('/v1/routes', { limit: 200 }, { enabled: routes && kind === 'route' }),
    account: useList('/v1/accounts', { limit: 200 }, { enabled: accounts && kind === 'account' }),
  }
  const { data: live } = useQuery({
    queryKey: ['/v1/carrier-states', undefined],
    queryFn: ({ signal }) => take(api.GET('/v1/carrier-states', { signal })),
    enabled: states && kind === 'bind',
  })
  switch (kind) {
    case 'carrier':
    case 'route':
      return found[kind].rows.map(({ name }) => ({ value: name, label: name }))
    case 'account':
      return found.account.rows.map(({ id, name }) => ({ value: id, label: name }))
    case 'bind':
      return (live?.data ?? []).flatMap(({ name, binds }) => binds.map((bind) => ({ value: `${name}/${bind.name}`, label: `${name}/${bind.name}` })))
    case 'country':
      return COUNTRIES.map((code) => ({ value: code, label: code === '001' ? t('desk.noCountry') : `${countryName(code)} (${code})` }))
    case 'sender':
      return []
  }
}

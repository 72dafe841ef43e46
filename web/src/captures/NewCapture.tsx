// The form that starts a capture: of what, for how long, up to which size, with or without the texts of messages.
import { Button, Checkbox, Radio, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { useForm } from '../parts/useForm'
import { CAPTURES } from './capture'

type Kind = 'carrier' | 'credential' | 'message_id'
type Values = { kind: Kind; carrier: string | null; bind: string; credential: string | null; message_id: string; seconds: string; max_bytes: string; bodies: boolean }
type Props = { of: { carrier?: string; credential?: string; message_id?: string }; onClose: () => void }

const SECONDS = [60, 300, 900, 3600] as const
const SIZES = [1_000_000, 10_000_000, 100_000_000] as const

export function NewCapture({ of, onClose }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const format = useFormat()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const mayCredentials = useMay('GET /v1/smpp-credentials')
  const states = useQuery({ queryKey: ['/v1/carrier-states', undefined], queryFn: () => take(api.GET('/v1/carrier-states')) })
  const credentials = useQuery({
    queryKey: ['/v1/smpp-credentials', 'active'],
    queryFn: () => take(api.GET('/v1/smpp-credentials', { params: { query: { state: 'active', limit: 200 } } })),
    enabled: mayCredentials,
  })
  const form = useForm<Values>({
    initial: {
      kind: of.credential !== undefined ? 'credential' : of.message_id !== undefined ? 'message_id' : 'carrier',
      carrier: of.carrier ?? null, bind: '', credential: of.credential ?? null, message_id: of.message_id ?? '',
      seconds: '300', max_bytes: '10000000', bodies: false,
    },
    send: async (values) => {
      const made = await take(api.POST('/v1/captures', { body: bodyOf(values) }))
      await queries.invalidateQueries({ queryKey: [CAPTURES] })
      await navigate({ to: '/captures/$id', params: { id: made.id } })
    },
  })
  const { values } = form
  const carriers = (states.data?.data ?? []).filter(({ binds }) => binds.length > 0)
  const binds = carriers.find(({ name }) => name === values.carrier)?.binds ?? []
  const options = (credentials.data?.data ?? []).map(({ id, system_id: label }) => ({ value: id, label }))
  const known = values.credential === null || options.some(({ value }) => value === values.credential)
  return (
    <Dialog onClose={onClose} title={t('captures.make')} size="lg">
      <form {...form.props}>
        <Stack>
          <Radio.Group {...form.field('kind')} onChange={(kind) => form.change({ kind: kind as Kind })} label={t('captures.of')}>
            <Stack gap="xs" mt="xs">
              <Radio value="carrier" label={t('captures.kind.carrier')} description={t('captures.kindAbout.carrier')} />
              <Radio value="credential" label={t('captures.kind.credential')} description={t('captures.kindAbout.credential')} />
              <Radio value="message_id" label={t('captures.kind.message_id')} description={t('captures.kindAbout.message_id')} />
            </Stack>
          </Radio.Group>
          {values.kind === 'carrier' && (
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <Select {...form.field('carrier')} onChange={(carrier) => form.change({ carrier, bind: '' })} label={t('captures.ofCarrier')} data={carriers.map(({ name }) => name)} nothingFoundMessage={t('captures.noCarrier')} searchable allowDeselect={false} />
              <Select {...form.field('bind')} label={t('captures.bind')} allowDeselect={false} data={[{ value: '', label: t('captures.allBinds') }, ...binds.map(({ name, type }) => ({ value: name, label: `${name} · ${type}` }))]} />
            </SimpleGrid>
          )}
          {values.kind === 'credential' && (
            <Select {...form.field('credential')} label={t('captures.ofCredential')} data={known ? options : [...options, { value: values.credential ?? '', label: values.credential ?? '' }]} nothingFoundMessage={t('captures.noCredential')} searchable allowDeselect={false} />
          )}
          {values.kind === 'message_id' && <TextInput {...form.field('message_id')} label={t('captures.ofMessage')} description={t('captures.messageAbout')} placeholder="msg_…" dir="ltr" />}
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <Select {...form.field('seconds')} label={t('captures.seconds')} allowDeselect={false} data={SECONDS.map((seconds) => ({ value: String(seconds), label: format.duration(seconds * 1000) }))} />
            <Select {...form.field('max_bytes')} label={t('captures.maxBytes')} description={t('captures.maxBytesAbout')} allowDeselect={false} data={SIZES.map((bytes) => ({ value: String(bytes), label: format.size(bytes) }))} />
          </SimpleGrid>
          <Checkbox {...form.check('bodies')} label={t('captures.bodies')} description={t('captures.bodiesAbout')} />
          {values.bodies && (
            <Text size="sm" c="var(--onesixty-warn)" role="status">
              <Icon name="alert" size={14} /> {t('captures.bodiesWarning')}
            </Text>
          )}
          <FormErrors form={form} />
          <FormActions aside={<CopyAsCode request={{ operation: 'POST /v1/captures', body: bodyOf(values) }} />}>
            <Button variant="default" onClick={onClose}>{t('parts.cancel')}</Button>
            <Button type="submit" loading={form.busy}>{t('captures.makeDo')}</Button>
          </FormActions>
        </Stack>
      </form>
    </Dialog>
  )
}

/** Only what is captured is named. */
function bodyOf({ kind, carrier, bind, credential, message_id, seconds, max_bytes, bodies }: Values) {
  const what = { carrier: { carrier: carrier ?? '', ...(bind === '' ? {} : { bind }) }, credential: { credential: credential ?? '' }, message_id: { message_id: message_id.trim() } }[kind]
  return { ...what, seconds: Number(seconds), max_bytes: Number(max_bytes), bodies }
}

// The form of a number: it is given to an account, or that is changed.
import { Button, Group, NativeSelect, Radio, Select, Stack, TagsInput, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi, useMay, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import { CREDENTIALS } from '../smpp/smpp'
import { MODES, NUMBERS, type OwnNumber, PLACES } from './number'
import { useAccounts } from '../accounts/useAccounts'

type Values = {
  number: string
  account_id: string
  mode: 'live' | 'test'
  keywords: string[]
  deliver_to: OwnNumber['deliver_to']
  /** Empty: any. */
  credential_id: string
  carrier: string
}
type Props = { number?: OwnNumber; onClose: () => void }

export function EditNumber({ number, onClose }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const me = useMe()
  const queries = useQueryClient()
  const accounts = useAccounts()
  const form = useForm<Values>({
    initial: {
      number: number?.number ?? '', account_id: number?.account_id ?? me.account_id, mode: number?.test === true ? 'test' : 'live', keywords: number?.keywords ?? [],
      deliver_to: number?.deliver_to ?? 'both', credential_id: number?.credential_id ?? '', carrier: number?.carrier ?? '',
    },
    names: { test: 'mode' },
    send: async (values) => {
      if (number === undefined) {
        const made = await take(api.POST('/v1/numbers', { body: { number: values.number.trim(), ...fieldsOf(values) } }))
        notify(t('numbers.given', { number: made.number }))
      } else {
        const params = { path: { id: number.id }, header: { 'if-match': `"${number.version}"` } }
        await take(api.PATCH('/v1/numbers/{id}', { params, body: fieldsOf(values) }))
      }
      await queries.invalidateQueries({ queryKey: [NUMBERS] })
      onClose()
    },
  })
  const { values } = form
  const carriers = useCarriers()
  const credentials = useCredentials(values)
  const code = number === undefined
    ? { operation: 'POST /v1/numbers' as const, body: { number: values.number.trim(), ...fieldsOf(values) } }
    : { operation: 'PATCH /v1/numbers/{id}' as const, path: { id: number.id }, body: fieldsOf(values) }
  const clear = { 'aria-label': t('parts.clear') }
  return (
    <Dialog onClose={onClose} title={number === undefined ? t('numbers.give') : t('numbers.changeTitle', { number: number.number })} size="lg">
      <form {...form.props}>
        <Stack>
          {number === undefined && <TextInput {...form.field('number')} label={t('numbers.number')} description={t('numbers.numberAbout')} placeholder="+15550001111" dir="ltr" autoComplete="off" data-autofocus />}
          {accounts.options.length > 0 ? (
            <Select {...form.field('account_id')} label={t('numbers.account')} description={t('numbers.accountAbout')} data={accounts.options} searchable allowDeselect={false} limit={100} nothingFoundMessage={t('numbers.noAccount')} />
          ) : (
            <TextInput {...form.field('account_id')} label={t('numbers.account')} description={t('numbers.accountAbout')} placeholder="acc_…" dir="ltr" />
          )}
          <TagsInput {...form.field('keywords')} label={t('numbers.keywords')} description={t('numbers.keywordsAbout')} splitChars={[',', ';']} dir="auto" clearButtonProps={clear} />
          <NativeSelect {...form.field('deliver_to')} label={t('numbers.goes')} description={t('numbers.goesAbout')} data={PLACES.map((value) => ({ value, label: t(`numbers.to.${value}`) }))} />
          {values.deliver_to !== 'webhooks' && credentials.length > 0 && (
            <NativeSelect {...form.field('credential_id')} label={t('numbers.credential')} data={[{ value: '', label: t('numbers.anyCredential') }, ...credentials]} />
          )}
          {carriers.length > 0 && <NativeSelect {...form.field('carrier')} label={t('numbers.carrier')} description={t('numbers.carrierAbout')} data={[{ value: '', label: t('numbers.anyCarrier') }, ...carriers]} />}
          <Radio.Group {...form.field('mode')} label={t('numbers.mode')} description={t('numbers.modeAbout')}>
            <Group mt="xs">
              {MODES.map((value) => <Radio key={value} value={value} label={t(`numbers.mode.${value}`)} />)}
            </Group>
          </Radio.Group>
          <FormErrors form={form} />
          <FormActions aside={<CopyAsCode request={code} />}>
            <Button variant="default" onClick={onClose}>{t('parts.cancel')}</Button>
            <Button type="submit" loading={form.busy}>{number === undefined ? t('numbers.giveDo') : t('numbers.save')}</Button>
          </FormActions>
        </Stack>
      </form>
    </Dialog>
  )
}

const fieldsOf = ({ account_id, mode, keywords, deliver_to, credential_id, carrier }: Values) => ({
  account_id,
  test: mode === 'test',
  keywords,
  deliver_to,
  credential_id: deliver_to === 'webhooks' || credential_id === '' ? null : credential_id,
  carrier: carrier === '' ? null : carrier,
})

type Options = { value: string; label: string }[]

function useCarriers(): Options {
  const api = useApi()
  const enabled = useMay('GET /v1/carriers')
  const { data } = useQuery({ queryKey: ['/v1/carriers', 'names'], queryFn: () => take(api.GET('/v1/carriers', { params: { query: { limit: 200 } } })), enabled })
  return (data?.data ?? []).map(({ name }) => ({ value: name, label: name }))
}

/** The SMPP credentials of the account and mode to which the number is given. */
function useCredentials({ account_id, mode, deliver_to }: Values): Options {
  const api = useApi()
  const enabled = useMay('GET /v1/smpp-credentials') && account_id.startsWith('acc_') && deliver_to !== 'webhooks'
  const query = { account_id, mode, state: 'active', limit: 100 } as const
  const { data } = useQuery({ queryKey: [CREDENTIALS, query], queryFn: () => take(api.GET('/v1/smpp-credentials', { params: { query } })), enabled })
  return (data?.data ?? []).map(({ id, system_id }) => ({ value: id, label: system_id }))
}

// The form for a new account: its name, what it pays, how far below zero it may go.
import { Button, type OptionsFilter, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { type FieldProps, useForm } from '../parts/useForm'
import type { Made } from './account'
import type { Tree } from './tree'
import { useAccounts } from './useAccounts'

type Values = { name: string; price_per_segment: string; currency: string; credit_limit: string; country: string; time_zone: string; parent_id: string }
type Props = { tree: Tree; parent: string | undefined; onClose: () => void; onMade: (made: Made) => void }

export function NewAccount({ tree, parent, onClose, onMade }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  // Who makes a sub-account books no payments on it: prepaid, it could never send.
  const credit = tree.name === 'accounts' ? '0' : ''
  const form = useForm<Values>({
    initial: { name: '', price_per_segment: '', currency: 'EUR', credit_limit: credit, country: '', time_zone: 'UTC', parent_id: parent ?? '' },
    send: async (values) => {
      const made = await take(api.POST(tree.list, { body: bodyOf(values) }))
      await queries.invalidateQueries({ queryKey: [tree.list] })
      onClose()
      onMade(made)
    },
  })
  return (
    <Dialog onClose={onClose} title={tree.name === 'accounts' ? t('accounts.make') : t('accounts.sub.make')} size="lg">
      <form {...form.props}>
        <Stack>
          <TextInput {...form.field('name')} label={t('accounts.name')} dir="auto" maxLength={100} data-autofocus />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput {...form.field('price_per_segment')} label={t('accounts.price')} placeholder="0.0500" inputMode="decimal" dir="ltr" />
            <TextInput {...form.field('currency')} label={t('accounts.currency')} description={t('accounts.currencyAbout')} maxLength={3} dir="ltr" />
          </SimpleGrid>
          <TextInput {...form.field('credit_limit')} label={t('accounts.credit')} description={t('accounts.creditAbout')} inputMode="decimal" dir="ltr" />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput {...form.field('country')} label={t('accounts.country')} placeholder="DE" maxLength={2} dir="ltr" />
            <TextInput {...form.field('time_zone')} label={t('accounts.zone')} placeholder="Europe/Berlin" dir="ltr" />
          </SimpleGrid>
          <Parent tree={tree} field={form.field('parent_id')} />
          <FormErrors form={form} />
          <FormActions aside={<CopyAsCode request={{ operation: tree.makes, body: bodyOf(form.values) }} />}>
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy}>
              {t('accounts.makeDo')}
            </Button>
          </FormActions>
        </Stack>
      </form>
    </Dialog>
  )
}

/** The account above, by its name or its id. One that is not among those read, of very many, is shown by its id. */
function Parent({ tree, field }: { tree: Tree; field: FieldProps<string> }): ReactNode {
  const t = useT()
  const me = useMe()
  const { options, nameOf } = useAccounts(tree)
  // Empty is the account in which one acts.
  const others = options.filter(({ value }) => value !== me.account_id)
  const given = field.value === '' || nameOf(field.value) !== undefined ? [] : [{ value: field.value, label: field.value }]
  return (
    <Select
      {...field}
      value={field.value === '' ? null : field.value}
      onChange={(id) => field.onChange(id ?? '')}
      label={t('accounts.under')}
      description={tree.name === 'accounts' ? t('accounts.underAbout') : t('accounts.sub.underAbout')}
      data={[...given, ...others]}
      filter={byNameOrId}
      searchable
      clearable
      limit={100}
      nothingFoundMessage={t('accounts.noneFound')}
      clearButtonProps={{ 'aria-label': t('parts.clear') }}
    />
  )
}

const byNameOrId: OptionsFilter = ({ options, search, limit }) => {
  const wanted = search.trim().toLowerCase()
  return options.filter((option) => 'value' in option && (option.label.toLowerCase().includes(wanted) || option.value === wanted)).slice(0, limit)
}

/** Empty fields are left out; an empty credit limit is "no limit". */
function bodyOf({ credit_limit: credit, country, parent_id: parent, ...values }: Values) {
  return {
    ...values,
    credit_limit: credit.trim() === '' ? null : credit.trim(),
    ...(country === '' ? {} : { country: country.toUpperCase() }),
    ...(parent === '' ? {} : { parent_id: parent }),
  }
}

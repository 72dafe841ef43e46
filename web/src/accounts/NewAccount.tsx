// The form for a new account: its name, what it pays, how far below zero it may go.
import { Button, Group, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { useForm } from '../parts/useForm'
import type { Made } from './account'
import type { Tree } from './tree'

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
          <TextInput {...form.field('parent_id')} label={t('accounts.under')} description={tree.name === 'accounts' ? t('accounts.underAbout') : t('accounts.sub.underAbout')} placeholder="acc_…" dir="ltr" />
          <FormErrors form={form} />
          <Group justify="space-between">
            <CopyAsCode request={{ operation: tree.makes, body: bodyOf(form.values) }} />
            <Group>
              <Button variant="default" onClick={onClose}>
                {t('parts.cancel')}
              </Button>
              <Button type="submit" loading={form.busy}>
                {t('accounts.makeDo')}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
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

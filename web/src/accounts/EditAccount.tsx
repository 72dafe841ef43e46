// Changes an account: its name, price, credit, senders and limits.
import { Button, Group, SimpleGrid, Stack, Switch, TagsInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { LimitFields, limitParams, limitsOf, type LimitValues, limitValues } from '../parts/Limits'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import { type Account, LIMITS } from './account'
import { changeOfSenders, written } from './senders'
import type { Tree } from './tree'

type Values = { name: string; price_per_segment: string; credit_limit: string; may_use_otp: boolean; senders: string[] } & LimitValues

export function EditAccount({ tree, account, onClose }: { tree: Tree; account: Account; onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const senders = account.defaults.senders ?? {}
  const form = useForm<Values>({
    initial: {
      name: account.name, price_per_segment: account.price_per_segment, credit_limit: account.credit_limit ?? '', may_use_otp: account.may_use_otp,
      senders: written(senders),
      ...limitValues(LIMITS, account.limits),
    },
    names: { ...limitParams(LIMITS, 'limits'), 'defaults.senders': 'senders' },
    send: async (values) => {
      const changed = changeOfSenders(senders, values.senders)
      const body = {
        name: values.name, price_per_segment: values.price_per_segment, may_use_otp: values.may_use_otp, limits: limitsOf(LIMITS, values),
        credit_limit: values.credit_limit.trim() === '' ? null : values.credit_limit.trim(),
        // A sender that is taken away is sent as null.
        ...(Object.keys(changed).length === 0 ? {} : { defaults: { senders: changed } }),
      }
      const params = { path: { id: account.id }, header: { 'if-match': `"${account.version}"` } }
      await take(api.PATCH(tree.one, { params, body }))
      await queries.invalidateQueries({ queryKey: [tree.list] })
      onClose()
      notify(t('accounts.changed', { name: values.name }))
    },
  })
  return (
    <Dialog onClose={onClose} title={t('accounts.edit')} size="lg">
      <form {...form.props}>
        <Stack>
          <TextInput {...form.field('name')} label={t('accounts.name')} dir="auto" maxLength={100} data-autofocus />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput {...form.field('price_per_segment')} label={t('accounts.price')} inputMode="decimal" dir="ltr" rightSection={account.currency} rightSectionWidth={52} />
            <TextInput {...form.field('credit_limit')} label={t('accounts.credit')} inputMode="decimal" dir="ltr" rightSection={account.currency} rightSectionWidth={52} />
          </SimpleGrid>
          <TagsInput {...form.field('senders')} label={t('accounts.senders')} description={t('accounts.sendersAbout')} placeholder={form.values.senders.length === 0 ? 'Acme' : ''} dir="ltr" clearButtonProps={{ 'aria-label': t('parts.clear') }} />
          <Switch {...form.check('may_use_otp')} label={t('accounts.otp')} />
          <LimitFields names={LIMITS} form={form} />
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy} disabled={!form.dirty}>
              {t('parts.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

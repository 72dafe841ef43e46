// Books an adjustment: a payment, or a correction with a minus. It never changes, so the form says what it does before.
import { Button, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useRef } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { useFormat } from '../parts/format'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import { newKey } from '../send/idempotency'
import { type Account, ADJUSTMENTS, BALANCE } from './account'
import { adjustmentOf, directionOf } from './adjustment'

export function NewAdjustment({ account, onClose }: { account: Account; onClose: () => void }): ReactNode {
  const t = useT()
  const format = useFormat()
  const api = useApi()
  const queries = useQueryClient()
  const key = useRef({ of: '', key: '' })
  const form = useForm({
    initial: { amount: '', reason: '', reference: '' },
    send: async (values) => {
      const body = adjustmentOf(account, values)
      // The same request has the same key: one that was sent twice is booked once.
      const written = JSON.stringify(body)
      if (key.current.of !== written) key.current = { of: written, key: newKey() }
      const made = await take(api.POST('/v1/adjustments', { params: { header: { 'idempotency-key': key.current.key } }, body }))
      await Promise.all([BALANCE, ADJUSTMENTS].map((path) => queries.invalidateQueries({ queryKey: [path] })))
      onClose()
      notify(t('accounts.bookedDone', { amount: format.money(made.amount, made.currency), name: account.name }))
    },
  })
  const direction = directionOf(form.values.amount)
  return (
    <Dialog onClose={onClose} title={t('accounts.bookTitle', { name: account.name })} size="lg">
      <form {...form.props}>
        <Stack>
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput {...form.field('amount')} label={t('accounts.amount')} description={t('accounts.amountAbout')} placeholder="100.00" inputMode="decimal" dir="ltr" maxLength={20} rightSection={account.currency} rightSectionWidth={52} autoComplete="off" data-autofocus />
            <TextInput {...form.field('reference')} label={t('accounts.reference')} description={t('accounts.referenceAbout')} maxLength={100} dir="auto" autoComplete="off" />
          </SimpleGrid>
          <TextInput {...form.field('reason')} label={t('accounts.why')} description={t('accounts.whyAbout')} maxLength={200} dir="auto" />
          <Text role="status" mih="1.55rem">
            {direction !== null && t(`accounts.book.${direction.does}`, { amount: format.money(direction.amount, account.currency) })}
          </Text>
          <Text size="sm" c="dimmed">
            {t('accounts.bookAbout')}
          </Text>
          <FormErrors form={form} />
          <FormActions aside={<CopyAsCode request={{ operation: 'POST /v1/adjustments', body: adjustmentOf(account, form.values) }} />}>
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy}>
              {t('accounts.bookDo')}
            </Button>
          </FormActions>
        </Stack>
      </form>
    </Dialog>
  )
}

// Takes personal values out of the audit log for good: one value wherever it stands, or all of one entry.
//
// Rules kept here:
// - what it does, and that it cannot be undone, is said before; the entries are counted before;
// - nothing is redacted before the number is typed that was counted, unless it is one.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useApi, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'

type Entry = components['schemas']['AuditEntry']

const AUDIT = '/v1/audit'

/** A value, everywhere in the log of an account. */
export function RedactValue({ onClose }: { onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const me = useMe()
  const [found, setFound] = useState<{ value: string; account_id: string; entries: number } | null>(null)
  const form = useForm({
    initial: { value: '', account_id: me.account_id },
    send: async ({ value, account_id }) => {
      const wanted = { value: value.trim(), account_id: account_id.trim() }
      setFound(null)
      const { entries } = await take(api.POST('/v1/audit/redact', { body: { ...wanted, dry_run: true } }))
      setFound({ ...wanted, entries })
      return false
    },
  })
  const redact = useRedaction()
  if (found !== null && found.entries > 0) {
    const { entries, ...wanted } = found
    return (
      <ConfirmDialog title={t('audit.redactTitle')} action={t('audit.redactDo', { count: entries })} typed={entries > 1 ? String(entries) : undefined} onClose={onClose} onConfirm={() => redact(wanted)}>
        <p>{t('audit.redactCount', { count: entries })}</p>
        <p>{t('audit.redactAbout')}</p>
      </ConfirmDialog>
    )
  }
  return (
    <Dialog onClose={onClose} title={t('audit.redactTitle')} size="lg">
      <form {...form.props}>
        <Stack>
          <Text>{t('audit.redactAbout')}</Text>
          <TextInput {...form.field('value')} label={t('audit.redactValue')} description={t('audit.redactValueAbout')} dir="auto" autoComplete="off" maxLength={200} data-autofocus />
          <TextInput {...form.field('account_id')} label={t('audit.redactAccount')} dir="ltr" autoComplete="off" maxLength={40} />
          {found !== null && <Text role="status">{t('audit.redactNone')}</Text>}
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy} disabled={form.values.value.trim() === ''}>
              {t('audit.redactFind')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

/** All personal values of one entry. */
export function RedactEntry({ entry, onClose }: { entry: Entry; onClose: () => void }): ReactNode {
  const t = useT()
  const redact = useRedaction()
  return (
    <ConfirmDialog title={t('audit.redactEntryTitle')} action={t('audit.redactEntryDo')} onClose={onClose} onConfirm={() => redact({ entry_id: entry.id })}>
      <p>{t('audit.redactEntryAbout')}</p>
      <p>{t('audit.redactAbout')}</p>
    </ConfirmDialog>
  )
}

function useRedaction(): (wanted: components['schemas']['AuditRedaction']) => Promise<void> {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  return async (body) => {
    const { entries } = await take(api.POST('/v1/audit/redact', { body }))
    await queries.invalidateQueries({ queryKey: [AUDIT] })
    notify(t('audit.redactDone', { count: entries }))
  }
}

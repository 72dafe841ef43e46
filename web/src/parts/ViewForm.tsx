// The name of a view, and who sees it: for a new one, and for one that is changed.
import { Button, Checkbox, Group, Stack, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { FormErrors } from './FormErrors'
import { useForm } from './useForm'
import type { View } from './savedViews'

type Values = { name: string; shared: boolean; refilter: boolean }

type Props = {
  /** Left out: a new one. */
  view?: View
  /** Whether the filter as it is now could replace that of the view. */
  refilter?: boolean
  send: (values: Values) => Promise<void>
  onCancel?: () => void
  onRemove?: () => void
}

export function ViewForm({ view, refilter = false, send, onCancel, onRemove }: Props): ReactNode {
  const t = useT()
  const form = useForm<Values>({ initial: { name: view?.name ?? '', shared: view?.shared ?? false, refilter: false }, send })
  return (
    <form {...form.props}>
      <Stack gap="xs">
        <TextInput {...form.field('name')} label={view === undefined ? t('views.save') : t('views.name')} placeholder={t('views.name')} size="sm" dir="auto" maxLength={100} autoComplete="off" data-autofocus={view !== undefined || undefined} />
        <Checkbox {...form.check('shared')} size="sm" label={t('views.shared')} />
        {refilter && <Checkbox {...form.check('refilter')} size="sm" label={t('views.refilter')} />}
        <FormErrors form={form} />
        <Group gap="xs">
          <Button type="submit" size="xs" loading={form.busy} disabled={form.values.name.trim() === ''}>
            {t('parts.save')}
          </Button>
          {onCancel !== undefined && (
            <Button variant="default" size="xs" onClick={onCancel}>
              {t('parts.cancel')}
            </Button>
          )}
          {onRemove !== undefined && (
            <Button variant="subtle" color="red.9" size="xs" ms="auto" onClick={onRemove}>
              {t('views.remove')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}

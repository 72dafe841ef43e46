// Changes for how long data is kept. What would be kept for less time is named, and deleted only after a second yes.
import { Button, Group, NumberInput, SimpleGrid, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { useFormat } from '../parts/format'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import { changeOf, type Days, daysOf, type Kind, KINDS, type Retention, shortened } from './retention'
import type { RetentionCalls } from './tree'

const ConfirmDialog = lazy(() => import('../parts/ConfirmDialog').then((found) => ({ default: found.ConfirmDialog })))

type Props = { kept: Retention; calls: RetentionCalls; onClose: () => void }

export function EditRetention({ kept, calls, onClose }: Props): ReactNode {
  const t = useT()
  const format = useFormat()
  const api = useApi()
  const queries = useQueryClient()
  const [asks, setAsks] = useState<Kind[] | null>(null)
  const save = async (values: Days): Promise<void> => {
    const header = kept.version > 0 ? { 'if-match': `"${kept.version}"` } : {}
    await take(api.PATCH(calls.one, { params: { path: { account_id: kept.account_id }, header }, body: changeOf(daysOf(kept), values) }))
    await Promise.all([calls.one, '/v1/retention'].map((path) => queries.invalidateQueries({ queryKey: [path] })))
    onClose()
    notify(t('accounts.keptDone'))
  }
  const form = useForm<Days>({
    initial: daysOf(kept),
    send: async (values) => {
      const less = shortened(kept, values)
      if (less.length === 0) return save(values)
      setAsks(less)
      return false
    },
  })
  const confirmed = async (): Promise<void> => {
    try {
      await save(form.values)
    } catch (error) {
      form.refuse(error) // stands at its field
    }
  }
  return (
    <Dialog onClose={onClose} title={t('accounts.keptChange')} size="lg">
      <form {...form.props}>
        <Stack>
          <Text c="dimmed" size="sm">
            {t('accounts.keptEditAbout')}
          </Text>
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            {KINDS.map((kind, place) => (
              <NumberInput
                key={kind}
                {...form.field(kind)}
                label={t(`accounts.kind.${kind}`)}
                placeholder={kept[kind] === null ? String(kept.in_force[kind]) : t('accounts.keptNone')}
                min={0}
                max={36_500}
                allowDecimal={false}
                clampBehavior="none"
                hideControls
                data-autofocus={place === 0 || undefined}
              />
            ))}
          </SimpleGrid>
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
      <Suspense>
        {asks !== null && (
          <ConfirmDialog title={t('accounts.keptLess')} action={t('accounts.keptLessDo')} onClose={() => setAsks(null)} onConfirm={confirmed}>
            {t('accounts.keptLessAbout', { what: format.list(asks.map((kind) => t(`accounts.kind.${kind}`))) })}
          </ConfirmDialog>
        )}
      </Suspense>
    </Dialog>
  )
}

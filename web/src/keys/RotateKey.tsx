// A new secret for a key; the old one goes on for a while, so that programs can be changed over.
import { Button, Group, Select, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { useForm } from '../parts/useForm'
import { type Key, KEYS } from './key'

type Props = { shown: Key; onClose: () => void; onSecret: (secret: string) => void }

const OVERLAPS = ['0', '3600', '86400', '604800'] as const

export function RotateKey({ shown, onClose, onSecret }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const form = useForm({
    initial: { overlap_seconds: '86400' },
    send: async (values) => {
      const body = { overlap_seconds: Number(values.overlap_seconds) }
      const made = await take(api.POST('/v1/keys/{id}/rotate', { params: { path: { id: shown.id } }, body }))
      await queries.invalidateQueries({ queryKey: [KEYS] })
      onClose()
      onSecret(made.secret ?? '')
    },
  })
  return (
    <Dialog onClose={onClose} title={t('keys.rotateTitle', { name: shown.name })} centered>
      <form {...form.props}>
        <Stack>
          <Text>{t('keys.rotateAbout')}</Text>
          <Select
            {...form.field('overlap_seconds')}
            label={t('keys.overlap')}
            allowDeselect={false}
            data={OVERLAPS.map((value) => ({ value, label: t(`keys.overlap.${value}`) }))}
          />
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy}>
              {t('keys.rotate')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

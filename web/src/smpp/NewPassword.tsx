// A new password for a credential; the old one goes on for a while, so that the program can be changed over.
import { Button, Group, Select, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { useFormat } from '../parts/format'
import { useForm } from '../parts/useForm'
import type { Password } from './SmppPage'
import { type Credential, CREDENTIALS } from './smpp'

type Props = { credential: Credential; onClose: () => void; onPassword: (made: Password) => void }

/** For how many seconds both passwords open. */
const OVERLAPS = ['0', '3600', '86400', '604800'] as const

export function NewPassword({ credential, onClose, onPassword }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const format = useFormat()
  const queries = useQueryClient()
  const name = credential.system_id
  const form = useForm({
    initial: { overlap_seconds: '86400' },
    send: async (values) => {
      const body = { overlap_seconds: Number(values.overlap_seconds) }
      const made = await take(api.POST('/v1/smpp-credentials/{id}/password', { params: { path: { id: credential.id } }, body }))
      await queries.invalidateQueries({ queryKey: [CREDENTIALS] })
      onClose()
      onPassword({ name, password: made.password ?? '' })
    },
  })
  return (
    <Dialog onClose={onClose} title={t('smpp.newPasswordTitle', { name })} centered>
      <form {...form.props}>
        <Stack>
          <Text>{t('smpp.newPasswordAbout')}</Text>
          <Select
            {...form.field('overlap_seconds')}
            label={t('smpp.overlap')}
            allowDeselect={false}
            data={OVERLAPS.map((value) => ({ value, label: value === '0' ? t('smpp.overlapNone') : t('smpp.overlapFor', { time: format.duration(Number(value) * 1000) }) }))}
          />
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('parts.cancel')}</Button>
            <Button type="submit" loading={form.busy}>{t('smpp.newPassword')}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

// A number that no guard stops, or all numbers that begin so.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { useForm } from '../parts/useForm'
import { TRUSTED } from './verification'

export function NewTrusted({ onClose }: { onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const form = useForm({
    initial: { number: '', note: '' },
    send: async ({ number, note }) => {
      await take(api.POST('/v1/trusted-numbers', { body: { number: number.replace(/[\s()-]/g, ''), note: note.trim() } }))
      await queries.invalidateQueries({ queryKey: [TRUSTED] })
      onClose()
    },
  })
  return (
    <Dialog onClose={onClose} title={t('verify.trust')}>
      <form {...form.props}>
        <Stack>
          <Text>{t('verify.trustAbout')}</Text>
          <TextInput {...form.field('number')} label={t('verify.number')} description={t('verify.numberAbout')} dir="ltr" autoComplete="off" data-autofocus />
          <TextInput {...form.field('note')} label={t('verify.note')} description={t('verify.noteAbout')} dir="auto" autoComplete="off" maxLength={200} />
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy}>
              {t('verify.trustDo')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

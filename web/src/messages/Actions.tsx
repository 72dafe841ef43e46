// What can be done with a message: change or cancel what waits, send again, reply, redact.
import { Button, Group, Stack, Textarea } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import { needTexts, useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { Icon } from '../parts/Icon'
import { ButtonLink } from '../parts/Link'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import { newKey } from '../send/idempotency'
import { isChangeable } from './change'
import { CANCELABLE, isOpen } from './history'
import { type Message, MESSAGES } from './message'

const ChangeMessage = lazy(async () => {
  const [{ ChangeMessage: component }] = await Promise.all([import('./ChangeMessage'), needTexts('send')])
  return { default: component }
})

export function Actions({ message }: { message: Message }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const maySend = useMay('POST /v1/sms/send')
  const [open, setOpen] = useState<'change' | 'cancel' | 'redact' | 'reply' | null>(null)
  const params = { path: { id: message.id } }
  const outbound = message.direction === 'outbound'
  const close = (): void => setOpen(null)
  const done = async (said: string): Promise<void> => {
    await queries.invalidateQueries({ queryKey: [MESSAGES] })
    notify(said)
  }
  return (
    <>
      {isChangeable(message) && (
        <Act calls="PATCH /v1/messages/{id}" variant="default" leftSection={<Icon name="edit" />} onClick={() => setOpen('change')}>
          {t('messages.change')}
        </Act>
      )}
      {outbound && CANCELABLE.includes(message.status) && (
        <Act calls="POST /v1/messages/{id}/cancel" color="red.8" leftSection={<Icon name="stop" />} onClick={() => setOpen('cancel')}>
          {t('messages.cancel')}
        </Act>
      )}
      {!outbound && (
        <Act calls="POST /v1/messages/{id}/reply" leftSection={<Icon name="send" />} onClick={() => setOpen('reply')}>
          {t('messages.reply')}
        </Act>
      )}
      {outbound && maySend && message.text !== null && !isOpen(message.status) && (
        <ButtonLink to="/send" search={{ again: message.id }} variant="default" leftSection={<Icon name="send" />}>
          {t('messages.again')}
        </ButtonLink>
      )}
      {message.redacted_at === null && !isOpen(message.status) && (
        <Act calls="POST /v1/messages/{id}/redact" ends leftSection={<Icon name="trash" />} onClick={() => setOpen('redact')}>
          {t('messages.redact')}
        </Act>
      )}
      {open === 'cancel' && (
        <ConfirmDialog
          title={t('messages.cancelTitle')}
          action={t('messages.cancel')}
          onClose={close}
          onConfirm={async () => {
            await take(api.POST('/v1/messages/{id}/cancel', { params }))
            await done(t('messages.canceled'))
          }}
        >
          {t('messages.cancelAbout')}
        </ConfirmDialog>
      )}
      {open === 'redact' && (
        <ConfirmDialog
          title={t('messages.redactTitle')}
          action={t('messages.redact')}
          onClose={close}
          onConfirm={async () => {
            await take(api.POST('/v1/messages/{id}/redact', { params }))
            await done(t('messages.redactDone'))
          }}
        >
          {t('messages.redactAbout')}
        </ConfirmDialog>
      )}
      <Suspense>{open === 'change' && <ChangeMessage id={message.id} onClose={close} />}</Suspense>
      {open === 'reply' && <Reply message={message} onClose={close} />}
    </>
  )
}

function Reply({ message, onClose }: { message: Message; onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const navigate = useNavigate()
  const [key] = useState(newKey)
  const form = useForm({
    initial: { text: '' },
    send: async (values) => {
      const params = { path: { id: message.id }, header: { 'idempotency-key': key } }
      const sent = await take(api.POST('/v1/messages/{id}/reply', { params, body: values }))
      onClose()
      await navigate({ to: '/messages/$id', params: { id: sent.id } })
    },
  })
  return (
    <Dialog onClose={onClose} title={t('messages.replyTo', { number: message.from })}>
      <form {...form.props}>
        <Stack>
          <Textarea {...form.field('text')} label={t('messages.text')} dir="auto" autosize minRows={3} data-autofocus />
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy}>
              {t('messages.reply')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

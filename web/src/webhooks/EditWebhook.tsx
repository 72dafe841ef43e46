// The form of an endpoint: a new one, or the change of one. A new one gets a secret, which is shown once.
import { Button, Checkbox, Radio, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { useForm } from '../parts/useForm'
import { NamedWord } from '../parts/NamedWord'
import { type Webhook, WEBHOOKS, wordOfType } from './webhook'

type Type = components['schemas']['WebhookEventType']
type Values = { url: string; description: string; which: 'all' | 'some'; events: Type[] }
type Props = { webhook?: Webhook; onClose: () => void; onMade?: (secret: string) => void }

const USUAL: Type[] = ['message.delivered', 'message.undelivered', 'message.failed', 'message.received']

export function EditWebhook({ webhook, onClose, onMade }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const types = useQuery({ queryKey: ['/v1/event-types'], queryFn: () => take(api.GET('/v1/event-types')), staleTime: Infinity })
  const all = webhook?.events.includes('*') ?? false
  const form = useForm<Values>({
    initial: { url: webhook?.url ?? '', description: webhook?.description ?? '', which: all ? 'all' : 'some', events: all || webhook === undefined ? USUAL : webhook.events },
    send: async (values) => {
      const body = bodyOf(values)
      if (webhook === undefined) {
        const made = await take(api.POST('/v1/webhooks', { body }))
        onMade?.(made.secret ?? '')
      } else {
        const params = { path: { id: webhook.id }, header: { 'if-match': `"${webhook.version}"` } }
        await take(api.PATCH('/v1/webhooks/{id}', { params, body }))
      }
      await queries.invalidateQueries({ queryKey: [WEBHOOKS] })
      onClose()
    },
  })
  const { values } = form
  const code = webhook === undefined
    ? { operation: 'POST /v1/webhooks' as const, body: bodyOf(values) }
    : { operation: 'PATCH /v1/webhooks/{id}' as const, path: { id: webhook.id }, body: bodyOf(values) }

  return (
    <Dialog onClose={onClose} title={webhook === undefined ? t('webhooks.make') : t('webhooks.change')} size="lg">
      <form {...form.props}>
        <Stack>
          <TextInput {...form.field('url')} label={t('webhooks.url')} description={t('webhooks.urlAbout')} placeholder="https://example.com/hooks/sms" type="url" dir="ltr" data-autofocus />
          <TextInput {...form.field('description')} label={t('webhooks.description')} dir="auto" maxLength={200} />
          <Radio.Group {...form.field('which')} label={t('webhooks.events')}>
            <Stack gap="xs" mt="xs">
              <Radio value="some" label={t('webhooks.someEvents')} />
              <Radio value="all" label={t('webhooks.allEvents')} description={t('webhooks.allAbout')} />
            </Stack>
          </Radio.Group>
          {values.which === 'some' && (
            <Checkbox.Group {...form.field('events')} aria-label={t('webhooks.events')}>
              <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
                {(types.data?.data ?? []).map(({ type }) => (
                  <Checkbox key={type} value={type} label={<NamedWord name={type} word={wordOfType(type)} />} />
                ))}
              </SimpleGrid>
            </Checkbox.Group>
          )}
          <FormErrors form={form} />
          <FormActions aside={<CopyAsCode request={code} />}>
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy}>
              {webhook === undefined ? t('webhooks.makeDo') : t('webhooks.save')}
            </Button>
          </FormActions>
        </Stack>
      </form>
    </Dialog>
  )
}

const bodyOf = ({ url, description, which, events }: Values) => ({
  url: url.trim(), description, events: which === 'all' ? (['*'] as Type[]) : events,
})

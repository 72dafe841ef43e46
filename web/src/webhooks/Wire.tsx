// One attempt at a delivery as it was on the wire: the request that was sent, and the answer to it.
import { Code, Group, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { components } from '../api/schema'
import { useT } from '../i18n/i18n'
import { Copy } from '../parts/Copy'
import { ServerWords } from '../parts/Values'
import { pretty } from './pretty'
import './webhooks.css'

export type Try = components['schemas']['DeliveryAttempt']

export function Wire({ shown }: { shown: Try }): ReactNode {
  const t = useT()
  const { request, response } = shown
  return (
    <Stack gap="xs" mt={4}>
      {shown.error !== null && response === null && <ServerWords>{shown.error}</ServerWords>}
      <details>
        <summary>{t('webhooks.request')}</summary>
        <Message first={`${request.method} ${request.url}`} headers={request.headers} body={request.body} />
        {request.body_cut && <Text size="sm" c="dimmed">{t('webhooks.cut')}</Text>}
      </details>
      <details open={shown.error !== null}>
        <summary>{t('webhooks.answer')}</summary>
        {response === null ? <Text c="dimmed">{t('webhooks.noAnswer')}</Text> : <Message first={`HTTP ${shown.response_status ?? ''}`} headers={response.headers} body={response.body} />}
      </details>
    </Stack>
  )
}

/** A request or an answer as it was on the wire; JSON is laid out to be read. */
function Message({ first, headers, body }: { first: string; headers: { name: string; value: string }[]; body: string }): ReactNode {
  const t = useT()
  const text = [first, ...headers.map(({ name, value }) => `${name}: ${value}`), '', pretty(body)].join('\n').trimEnd()
  return (
    <div>
      <Group justify="flex-end">
        <Copy value={body} what={t('webhooks.body')} withText />
      </Group>
      <Code block dir="ltr" tabIndex={0} className="o-webhook-wire">
        {text}
      </Code>
    </div>
  )
}

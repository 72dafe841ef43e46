// One delivery: each attempt with the request that was sent and the answer to it, and the button that sends it again.
import { Group, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { Facts } from '../parts/Facts'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { NamedWord } from '../parts/NamedWord'
import { IdLink } from '../parts/IdLink'
import { notify, notifyRefusal } from '../parts/Notices'
import { SideDialog } from '../parts/SideDialog'
import { Found } from '../parts/States'
import { Timeline } from '../parts/Timeline'
import { Ident, Time } from '../parts/Values'
import { DELIVERIES, DeliveryState, type Webhook, WEBHOOKS, wordOfType } from './webhook'
import { Wire } from './Wire'

type Detail = components['schemas']['DeliveryDetail']
type Props = { id: string; webhook: Webhook; onClose: () => void }

export function DeliveryDrawer({ id, webhook, onClose }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const query = useQuery({
    queryKey: [DELIVERIES, 'one', id],
    queryFn: () => take(api.GET('/v1/deliveries/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.status === 'pending' ? 3_000 : false),
  })
  return (
    <SideDialog onClose={onClose} title={t('webhooks.delivery')}>
      <Found query={query}>{(delivery) => <Shown delivery={delivery} webhook={webhook} />}</Found>
    </SideDialog>
  )
}

function Shown({ delivery, webhook }: { delivery: Detail; webhook: Webhook }): ReactNode {
  const t = useT()
  const api = useApi()
  const format = useFormat()
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)
  const replay = async (): Promise<void> => {
    setBusy(true)
    try {
      await take(api.POST('/v1/webhooks/{id}/replay', { params: { path: { id: webhook.id } }, body: { event_ids: [delivery.event_id] } }))
      await Promise.all([queries.invalidateQueries({ queryKey: [DELIVERIES] }), queries.invalidateQueries({ queryKey: [WEBHOOKS] })])
      notify(t('webhooks.replayedOne'))
    } catch (error) {
      notifyRefusal(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Stack>
      <Group justify="space-between">
        <Group gap="xs">
          <DeliveryState status={delivery.status} />
          <NamedWord name={delivery.type} word={wordOfType(delivery.type)} />
        </Group>
        <Act calls="POST /v1/webhooks/{id}/replay" variant="default" loading={busy} leftSection={<Icon name="refresh" />} onClick={() => void replay()}>
          {t('webhooks.replayOne')}
        </Act>
      </Group>
      <Facts
        facts={[
          [t('webhooks.eventId'), <Ident key="event">{delivery.event_id}</Ident>],
          ...(delivery.message_id === null ? [] : [[t('webhooks.message'), <IdLink key="message" id={delivery.message_id} />] satisfies [string, ReactNode]]),
          ...(delivery.next_attempt_at === null ? [] : [[t('webhooks.next'), <Time key="next" at={delivery.next_attempt_at} as="absolute" />] satisfies [string, ReactNode]]),
          ...(delivery.status === 'pending' ? [[t('webhooks.triedUntil'), <Time key="until" at={delivery.expires_at} as="absolute" />] satisfies [string, ReactNode]] : []),
        ]}
      />
      {delivery.tries.length === 0 && <Text c="dimmed">{t('webhooks.noTries')}</Text>}
      <Timeline
        label={t('webhooks.tries')}
        moments={delivery.tries.map((each) => ({
          id: `${each.attempt}`,
          at: each.at,
          tone: each.error === null ? 'good' : 'bad',
          title: <>{t('webhooks.tryNumber', { number: each.attempt })}{each.response_status !== null && <> · <bdi dir="ltr">HTTP {each.response_status}</bdi></>} · {format.duration(each.milliseconds)}</>,
          detail: <Wire shown={each} />,
        }))}
      />
    </Stack>
  )
}

// What the webhooks of this account and mode got last: each delivery opens to its request and the answer to it.
import { Text } from '@mantine/core'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { ButtonLink, TextLink } from '../parts/Link'
import { Found } from '../parts/States'
import { Ident, Time } from '../parts/Values'
import { DELIVERIES, type Delivery, DeliveryState, placeOf, type Webhook, WEBHOOKS } from '../webhooks/webhook'
import { newest } from './handset'
import { Tries } from './Happened'

const EVERY_MS = 3_000
/** Of so many endpoints, so many deliveries each; the newest of them are shown. */
const ENDPOINTS = 5
const EACH = 10
const SHOWN = 12

/** The endpoints of this account and mode. Who may not read them has none here. */
export function useEndpoints(): UseQueryResult<readonly Webhook[]> {
  const api = useApi()
  const may = useMay('GET /v1/webhooks')
  return useQuery({
    queryKey: [WEBHOOKS, 'sandbox', may],
    queryFn: async () => (may ? (await take(api.GET('/v1/webhooks', { params: { query: { limit: 100 } } }))).data : []),
  })
}

type Row = { delivery: Delivery; webhook: Webhook }

export function Told(): ReactNode {
  const t = useT()
  const api = useApi()
  const endpoints = useEndpoints()
  const ids = endpoints.data?.map(({ id }) => id) ?? []
  const query = useQuery({
    queryKey: [DELIVERIES, 'sandbox', ids],
    queryFn: async (): Promise<Row[]> => {
      const found = await Promise.all(
        (endpoints.data ?? []).slice(0, ENDPOINTS).map(async (webhook) => {
          const params = { path: { id: webhook.id }, query: { limit: EACH } }
          const { data } = await take(api.GET('/v1/webhooks/{id}/deliveries', { params }))
          return data.map((delivery) => ({ delivery, webhook }))
        }),
      )
      return newest(found.flat(), SHOWN)
    },
    enabled: endpoints.data !== undefined,
    refetchInterval: ids.length === 0 ? false : EVERY_MS,
  })
  if (!useMay('GET /v1/webhooks')) return null
  return (
    <section aria-labelledby="told">
      <h2 id="told">{t('sandbox.told')}</h2>
      <Found<unknown> query={ids.length === 0 ? endpoints : query} rows={3}>
        {() =>
          ids.length === 0 ? (
            <div className="o-sandbox-empty">
              <Text c="dimmed">{t('sandbox.noEndpoint')}</Text>
              <ButtonLink variant="default" to="/webhooks" search={(before) => ({ ...before, make: 'true' as const })}>{t('sandbox.makeWebhook')}</ButtonLink>
            </div>
          ) : (query.data ?? []).length === 0 ? (
            <Text c="dimmed">{t('sandbox.nothingTold')}</Text>
          ) : (
            <ul className="o-sandbox-told">{(query.data ?? []).map((row) => <Line key={row.delivery.id} {...row} />)}</ul>
          )
        }
      </Found>
    </section>
  )
}

function Line({ delivery, webhook }: Row): ReactNode {
  const t = useT()
  const [open, setOpen] = useState(false)
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <DeliveryState status={delivery.status} /> <Ident>{delivery.type}</Ident>
          {delivery.response_status !== null && <bdi dir="ltr">HTTP {delivery.response_status}</bdi>}
          <span className="o-phone-quiet"><Time at={delivery.created_at} as="short" /></span>
        </summary>
        {open && (
          <>
            <p className="o-phone-quiet">
              <TextLink to="/webhooks/$id" params={{ id: webhook.id }} search={({ account, mode }) => ({ account, mode, delivery: delivery.id })}>
                {t('sandbox.toEndpoint', { place: placeOf(webhook.url) })}
              </TextLink>
            </p>
            <Tries id={delivery.id} status={delivery.status} attempts={delivery.attempts} />
          </>
        )}
      </details>
    </li>
  )
}

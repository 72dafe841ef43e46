// One carrier: what it does now, its binds, what it refused, its settings, and what an operator can do: pause, drain,
// resume, probe, change, switch off, capture, remove.
import { Group, Tabs, Text } from '@mantine/core'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useMay, useMe } from '../app/session'
import { needTexts, useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { Facts } from '../parts/Facts'
import { BackToList, FoundPage } from '../parts/FoundPage'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { Waiting } from '../parts/States'
import { Count, Ident, ServerWords } from '../parts/Values'
import { Binds } from './Binds'
import { CarrierMenu, type Dialog } from './CarrierMenu'
import { CarrierSettings } from './CarrierSettings'
import { type LiveCarrier, slotsOf, useSeries, useStates } from './carrier'
import { Health } from './Health'
import { RateStrip } from './RateStrip'
import { Removed } from './Removed'
import { Stopped } from './Stopped'
import { WaitingCount } from './WaitingCount'
import './carriers.css'

const StopCarrier = lazy(async () => {
  const [{ StopCarrier: component }] = await Promise.all([import('./StopCarrier'), needTexts('desk')])
  return { default: component }
})
const Remove = lazy(() => import('./EndCarrier').then((found) => ({ default: found.Remove })))
const Switch = lazy(() => import('./EndCarrier').then((found) => ({ default: found.Switch })))
const Probe = lazy(() => import('./Probe').then((found) => ({ default: found.Probe })))

export function CarrierPage(): ReactNode {
  const { id } = useParams({ from: '/shell/carriers/$id' })
  const states = useStates(id)
  return (
    <FoundPage query={states}>
      {({ data }) => {
        const carrier = data.find((each) => each.id === id || each.name === id)
        if (carrier !== undefined) return <OneCarrier carrier={carrier} />
        // What is shown meanwhile may be of the carrier before.
        return states.isPlaceholderData ? <Waiting /> : <Removed id={id} />
      }}
    </FoundPage>
  )
}

function OneCarrier({ carrier }: { carrier: LiveCarrier }): ReactNode {
  const t = useT()
  const { tab } = useSearch({ from: '/shell/carriers/$id' })
  const navigate = useNavigate({ from: '/carriers/$id' })
  const [open, setOpen] = useState<Dialog | 'probe' | 'pause' | 'drain' | 'resume' | null>(null)
  const close = (): void => setOpen(null)
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={carrier.name}
        about={<Health carrier={carrier} />}
        actions={
          <>
            <Act calls="POST /v1/carriers/{id}/probe" variant="default" leftSection={<Icon name="send" />} onClick={() => setOpen('probe')}>
              {t('carriers.probe')}
            </Act>
            {carrier.paused === null ? (
              <>
                <Act calls="POST /v1/pauses" variant="default" leftSection={<Icon name="down" />} onClick={() => setOpen('drain')}>
                  {t('carriers.drain')}
                </Act>
                <Act calls="POST /v1/pauses" color="red.8" leftSection={<Icon name="pause" />} onClick={() => setOpen('pause')}>
                  {t('carriers.pause')}
                </Act>
              </>
            ) : (
              <Act calls="POST /v1/carriers/{id}/resume" leftSection={<Icon name="play" />} onClick={() => setOpen('resume')}>
                {t('carriers.resume')}
              </Act>
            )}
            <CarrierMenu carrier={carrier} onOpen={setOpen} />
          </>
        }
      />
      <Tabs keepMounted={false} value={tab ?? 'now'} onChange={(to) => void navigate({ search: (before) => ({ ...before, tab: to === 'settings' ? to : undefined }) })}>
        <Tabs.List mb="md">
          <Tabs.Tab value="now">{t('carriers.now')}</Tabs.Tab>
          <Tabs.Tab value="settings">{t('carriers.settings')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="now">
          <Live carrier={carrier} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <CarrierSettings id={carrier.id} />
        </Tabs.Panel>
      </Tabs>
      <Suspense>
        {open === 'probe' && <Probe carrier={carrier} onClose={close} />}
        {open === 'remove' && <Remove carrier={carrier} onClose={close} />}
        {open === 'switch' && <Switch carrier={carrier} onClose={close} />}
        {(open === 'pause' || open === 'drain' || open === 'resume') && <StopCarrier carrier={carrier} what={open} onClose={close} />}
      </Suspense>
    </>
  )
}

/** What it does, minute by minute and now. */
function Live({ carrier }: { carrier: LiveCarrier }): ReactNode {
  const t = useT()
  const { data: series } = useSeries(carrier.id)
  const found = series?.data.find(({ id }) => id === carrier.id)
  return (
    <div className="o-carrier-page">
      {carrier.state?.last_error != null && (
        <p className="o-carrier-error" role="status">
          <Icon name="alert" size={16} /> <ServerWords>{carrier.state.last_error}</ServerWords>
        </p>
      )}
      <Stopped carrier={carrier} />
      {found !== undefined && series !== undefined && (
        <section aria-labelledby="hour">
          <h2 id="hour">{t('carriers.lastHour')}</h2>
          <RateStrip name={carrier.name} slots={slotsOf(found, series.start, series.step_seconds)} />
        </section>
      )}
      <section aria-labelledby="now">
        <h2 id="now">{t('carriers.now')}</h2>
        <Now carrier={carrier} />
      </section>
      {carrier.binds.length > 0 && <Binds carrier={carrier} />}
      <Errors carrier={carrier} />
    </div>
  )
}

function Now({ carrier }: { carrier: LiveCarrier }): ReactNode {
  const t = useT()
  const format = useFormat()
  const { operator } = useMe()
  const everywhere = useMay('GET /v1/accounts') && operator
  const mayReroute = useMay('POST /v1/messages/reroute')
  const { state, queue, per_second: rates } = carrier
  const times = (found: LiveCarrier['answer_seconds']): string =>
    found === null ? '–' : t('carriers.times', { half: format.duration(found.p50 * 1000), most: format.duration(found.p95 * 1000) })
  return (
    <Facts
      facts={[
        [t('carriers.type'), <Ident key="type">{carrier.type}</Ident>],
        [t('carriers.binds'), state === null ? '–' : <bdi key="binds" dir="ltr">{`${format.number(state.binds_bound)} / ${format.number(state.binds)}`}</bdi>],
        [t('carriers.window'), state === null ? '–' : <bdi key="window" dir="ltr">{`${format.number(state.in_flight)} / ${format.number(state.window)}`}</bdi>],
        [
          t('carriers.waiting'),
          queue === null ? '–' : (
            <span key="queue">
              <WaitingCount carrier={carrier} />
              {queue.oldest_seconds !== null && ` · ${t('carriers.oldestIs', { time: format.duration(queue.oldest_seconds * 1000) })}`}
              {everywhere && (queue.more || queue.waiting > 0) && (
                <>
                  {' · '}
                  <TextLink to="/messages" search={{ carrier: carrier.name, status: ['queued'], account_id: '*' }}>{t('carriers.seeWaiting')}</TextLink>
                  {mayReroute && (
                    <>
                      {' · '}
                      <TextLink to="/jobs" search={{ make: 'true', carrier: carrier.name }}>{t('carriers.reroute')}</TextLink>
                    </>
                  )}
                </>
              )}
            </span>
          ),
        ],
        [
          t('carriers.rates'),
          t('carriers.ratesAre', { accepted: format.number(rates.accepted), refused: format.number(rates.refused), throttled: format.number(rates.throttled), failed: format.number(rates.failed), receipts: format.number(rates.receipts) }),
        ],
        [t('carriers.answerTime'), times(carrier.answer_seconds)],
        [t('carriers.receiptTime'), times(carrier.receipt_seconds)],
        [t('carriers.id'), <Ident key="id">{carrier.id}</Ident>],
      ]}
    />
  )
}

function Errors({ carrier }: { carrier: LiveCarrier }): ReactNode {
  const t = useT()
  return (
    <section aria-labelledby="errors">
      <h2 id="errors">{t('carriers.errors')}</h2>
      {carrier.errors.length === 0 ? (
        <Text c="dimmed">{t('carriers.noErrors')}</Text>
      ) : (
        <ul>
          {carrier.errors.map((error) => (
            <li key={`${error.code} ${error.carrier_code}`}>
              <Group gap="xs" component="span">
                <Count value={error.count} />
                {error.code === null ? t('carriers.noCode') : (
                  <TextLink to="/messages" search={{ error_code: error.code, last: '1h' }}>
                    <Ident>{error.code}</Ident>
                  </TextLink>
                )}
                {error.carrier_code !== null && <Ident>{error.carrier_code}</Ident>}
              </Group>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

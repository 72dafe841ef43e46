// Is everything all right now? A verdict, the figures behind it, what needs somebody, and the first steps.
//
// Every number leads to the list that it counts, and is counted by the filters of that list.
import { Text } from '@mantine/core'
import { type ReactNode } from 'react'
import { AlertSummary, AlertWords } from '../alerts/words'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { useCountText, VIEWS } from '../messages/Views'
import { FAILED, type MessagesSearch } from '../messages/shape'
import { useFormat } from '../parts/format'
import { Icon, type IconName } from '../parts/Icon'
import { IdLink } from '../parts/IdLink'
import { ButtonLink, TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { Unread, Waiting } from '../parts/States'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { Time } from '../parts/Values'
import { Checklist, usePlace } from './Checklist'
import { Page } from './Page'
import { Strip } from './Strip'
import { HOUR, useAlerts, useDeliveries, useFailing, useFigures, useMinutes } from './useFigures'
import { deliveryRate, failedOf, type Verdict, verdictOf } from './verdict'
import './home.css'

const LOOKS: Record<Verdict, { tone: Tone; icon: IconName }> = {
  alerts: { tone: 'bad', icon: 'bell' },
  failing: { tone: 'bad', icon: 'alert' },
  many: { tone: 'bad', icon: 'alert' },
  webhooks: { tone: 'bad', icon: 'webhook' },
  held: { tone: 'warn', icon: 'pause' },
  quiet: { tone: 'quiet', icon: 'circle' },
  well: { tone: 'good', icon: 'check' },
  unknown: { tone: 'quiet', icon: 'clock' },
}

export function HomePage(): ReactNode {
  const t = useT()
  const me = useMe()
  const format = useFormat()
  const count = useCountText()
  const { anchor, hour, held, scheduled } = useFigures()
  const deliveries = useDeliveries(anchor)
  const minutes = useMinutes(anchor)
  const alerts = useAlerts()
  const firing = alerts.data?.data ?? []
  const webhooks = useFailing()
  const failing = webhooks.data ?? 0
  const day = deliveryRate(deliveries.data?.day ?? {})
  const week = deliveryRate(deliveries.data?.week ?? {})
  const failed = failedOf(hour.data)
  // What needs somebody stands above all but the figures: until it is known, the rest waits, or it would be pushed down.
  const place = usePlace()
  // The first steps stand above all else where there is nothing else, and hold up nobody's figures.
  const quiet = hour.data === undefined || hour.data.total === 0
  const reads = [alerts, webhooks].some(({ isLoading, isFetched }) => isLoading && !isFetched)
  const waits = reads || (quiet && place === null)
  const verdict = verdictOf({ alerts: alerts.data && firing.length, hour: hour.data, held: held.data?.total, webhooks: webhooks.data, usual: week === null ? null : 1 - week.rate })

  return (
    <>
      <PageHead
        title={t('home.title')}
        about={me.account_name}
        actions={
          <ButtonLink to="/send" leftSection={<Icon name="send" />}>
            {t('home.send')}
          </ButtonLink>
        }
      />
      <p className="o-verdict" data-tone={LOOKS[verdict].tone} role="status">
        <Icon name={LOOKS[verdict].icon} size={22} />{' '}
        {t(`home.verdict.${verdict}`, { alerts: firing.length, count: failing, failed: format.number(failed), total: count(hour.data), held: count(held.data) })}
      </p>
      {hour.error !== null && hour.data === undefined && <Unread error={hour.error} onAgain={() => void hour.refetch()} />}
      <div className="o-figures">
        <Figure name={t('home.hour')} value={count(hour.data)} to={HOUR} />
        <Figure name={t('home.failed')} value={count(hour.data, failed)} to={{ ...HOUR, status: [...FAILED] }} tone={failed > 0 ? 'bad' : undefined} />
        <Figure name={t('home.held')} value={count(held.data)} to={VIEWS.held} tone={(held.data?.total ?? 0) > 0 ? 'warn' : undefined} />
        <Figure name={t('home.scheduled')} value={count(scheduled.data)} to={VIEWS.scheduled} />
      </div>
      {firing.length > 0 && (
        <section aria-labelledby="alerts" className="o-home-part">
          <h2 id="alerts">
            <Page path="/alerts">{t('home.alerts')}</Page>
          </h2>
          <ul className="o-alerts">
            {firing.map((alert) => (
              <li key={alert.id}>
                <StatusBadge tone={alert.severity === 'critical' ? 'bad' : 'warn'}>{t(`home.severity.${alert.severity}`)}</StatusBadge>
                <span>
                  <IdLink id={alert.id}>
                    <AlertSummary alert={alert} />
                  </IdLink>{' '}
                  <Text component="span" size="sm" c="dimmed">
                    <Time at={alert.started_at} /> · <AlertWords>{alert.action}</AlertWords>
                  </Text>
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {!waits && failing > 0 && (
        <p className="o-home-part">
          <Icon name="webhook" size={16} />{' '}
          <TextLink to="/webhooks" search={{ health: 'failing' }}>
            {t('home.webhooks', { count: failing })}
          </TextLink>
        </p>
      )}
      {waits && <Waiting rows={8} />}
      {!waits && place === 'first' && <Checklist />}
      {!waits && (minutes.data !== undefined || minutes.isLoading) && (
        <section aria-labelledby="minutes" className="o-home-part">
          <h2 id="minutes">{t('home.minutes')}</h2>
          {minutes.data === undefined ? <div className="o-strip-soon" /> : <Strip minutes={minutes.data} />}
        </section>
      )}
      {!waits && deliveries.may && (
        <section aria-labelledby="rate" className="o-home-part">
          <h2 id="rate">{t('home.rate')}</h2>
          {day === null ? (
            <Text c="dimmed" className={deliveries.data === undefined ? 'o-rate-soon' : undefined}>
              {deliveries.data === undefined ? '…' : t('home.noneEnded')}
            </Text>
          ) : (
            <p className="o-rate">
              <strong>{format.percent(day.rate)}</strong>{' '}
              <TextLink to="/messages" search={{ ...deliveries.span, status: ['delivered'] }}>
                {t('home.delivered', { number: format.number(day.delivered) })}
              </TextLink>
              {' · '}
              <TextLink to="/messages" search={{ ...deliveries.span, status: ['undelivered', 'unconfirmed', 'failed', 'expired'] }}>
                {t('home.notDelivered', { number: format.number(day.ended - day.delivered) })}
              </TextLink>{' '}
              <span className="o-rate-before">{week === null ? t('home.noWeek') : t('home.week', { rate: format.percent(week.rate) })}</span>
            </p>
          )}
        </section>
      )}
      {!waits && place === 'last' && <Checklist />}
    </>
  )
}

type FigureProps = { name: string; value: string; to: MessagesSearch; tone?: Tone }

/** A number that leads to the list that it counts. */
function Figure({ name, value, to, tone }: FigureProps): ReactNode {
  return (
    <TextLink to="/messages" search={to} className="o-figure" data-tone={tone}>
      <bdi className="o-figure-value">{value}</bdi>
      <span>{name}</span>
    </TextLink>
  )
}

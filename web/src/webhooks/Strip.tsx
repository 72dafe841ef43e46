// The last 24 hours of an endpoint: its figures, each of which leads to the deliveries that it counts, and a bar an hour.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { TextLink } from '../parts/Link'
import { Found } from '../parts/States'
import { useTip } from '../parts/Tip'
import { Count, Time } from '../parts/Values'
import { dayOf } from './hours'
import { type Figures, useFigures, type Webhook } from './webhook'

export function Strip({ webhook }: { webhook: Webhook }): ReactNode {
  const query = useFigures(webhook.id)
  return <Found query={query} rows={2}>{(figures) => <Shown figures={figures} id={webhook.id} />}</Found>
}

function Shown({ figures, id }: { figures: Figures; id: string }): ReactNode {
  const t = useT()
  const format = useFormat()
  const hours = dayOf(figures)
  const most = Math.max(1, ...hours.map((hour) => hour.delivered + hour.failed))
  const link = (status: 'delivered' | 'failed' | 'pending', value: number): ReactNode => (
    <TextLink to="/webhooks/$id" params={{ id }} search={{ status }}>
      <Count value={value} />
    </TextLink>
  )
  return (
    <section className="o-webhook-strip" aria-label={t('webhooks.lastDay')}>
      <dl>
        <div><dt>{t('webhooks.rate')}</dt><dd>{figures.success_rate === null ? '–' : <bdi dir="ltr">{format.percent(figures.success_rate)}</bdi>}</dd></div>
        <div><dt>{t('webhooks.status.delivered')}</dt><dd>{link('delivered', figures.delivered)}</dd></div>
        <div><dt>{t('webhooks.failedTries')}</dt><dd><Count value={figures.failed} /></dd></div>
        <div><dt>{t('webhooks.status.pending')}</dt><dd>{link('pending', figures.waiting)}</dd></div>
        <div><dt>{t('webhooks.usual')}</dt><dd>{figures.p50_ms === null ? '–' : <bdi>{format.duration(figures.p50_ms)}</bdi>}</dd></div>
        <div><dt>{t('webhooks.slow')}</dt><dd>{figures.p95_ms === null ? '–' : <bdi>{format.duration(figures.p95_ms)}</bdi>}</dd></div>
      </dl>
      {figures.attempts > 0 && (
        <div className="o-webhook-hours" role="img" aria-label={t('webhooks.hours', { delivered: figures.delivered, failed: figures.failed })}>
          {hours.map((hour) => <Bar key={hour.start} hour={hour} most={most} />)}
        </div>
      )}
      {figures.failing_since !== null && (
        <p className="o-webhook-failing">
          {t('webhooks.failingSince')}: <Time at={figures.failing_since} />
        </p>
      )}
    </section>
  )
}

/** An hour as a bar; its numbers, while one points at it. */
function Bar({ hour, most }: { hour: ReturnType<typeof dayOf>[number]; most: number }): ReactNode {
  const t = useT()
  const format = useFormat()
  const [pointed, tip] = useTip(() => `${format.short(hour.start)} · ${t('webhooks.hours', { delivered: hour.delivered, failed: hour.failed })}`)
  return (
    <>
      <span {...pointed}>
        <i data-tone="bad" style={{ blockSize: `${(100 * hour.failed) / most}%` }} />
        <i data-tone="good" style={{ blockSize: `${(100 * hour.delivered) / most}%` }} />
      </span>
      {tip}
    </>
  )
}

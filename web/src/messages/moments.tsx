// The entries of a history as moments of a timeline.
import { Code } from '@mantine/core'
import { Fragment, type ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import type { Id } from '../i18n/ids'
import { useFormat } from '../parts/format'
import { IdLink } from '../parts/IdLink'
import type { Tone } from '../parts/StatusBadge'
import type { Moment } from '../parts/Timeline'
import { Ident, Money, PhoneNumber, ServerWords, Time } from '../parts/Values'
import { useErrorText } from './errors'
import type { Entry } from './history'
import { type Status, TONES } from './message'
import { STATUSES } from './shape'

type Shown = Omit<Moment, 'id' | 'at'>

export function useMoments(): (entries: readonly Entry[]) => Moment[] {
  const show = useShown()
  return (entries) => entries.map((entry, place) => ({ id: `${place}`, at: entry.at, ...show(entry) }))
}

const OUTCOME_TONES: Record<string, Tone> = { accepted: 'good', throttled: 'warn', retryable: 'warn', permanent: 'bad', unknown: 'warn' }
const REPORT_TONES: Record<string, Tone> = { delivered: 'good', undelivered: 'bad', enroute: 'info' }
const DELIVERY_TONES: Record<string, Tone> = { delivered: 'good', failed: 'bad', pending: 'warn' }

/** Why a route and a carrier were chosen. What a newer server adds stands as it says it. */
const REASONS: Record<string, Id> = {
  pinned: 'messages.reason.pinned', filters: 'messages.reason.filters', default: 'messages.reason.default',
  order: 'messages.reason.order', weight: 'messages.reason.weight', failover: 'messages.reason.failover',
  'own number': 'messages.reason.own_number', bound: 'messages.reason.bound', sandbox: 'messages.reason.sandbox',
  resend: 'messages.reason.resend',
}

function useShown(): (entry: Entry) => Shown {
  const t = useT()
  const format = useFormat()
  const errorText = useErrorText()
  const why = (code: string | null, title: string | null): ReactNode =>
    code === null ? null : <Line>{errorText({ code, title: title ?? code })} <Ident>{code}</Ident></Line>

  const reasons = ({ reasons: given, filters }: Extract<Entry, { type: 'routed' }>): ReactNode =>
    given.map((reason, place) => {
      const known = REASONS[reason]
      return (
        <Fragment key={reason}>
          {place > 0 && ' · '}
          {known === undefined ? <ServerWords>{reason}</ServerWords> : t(known)}
          {reason === 'filters' && filters.length > 0 && <> (<Ident>{filters.join(', ')}</Ident>)</>}
        </Fragment>
      )
    })

  return (entry) => {
    switch (entry.type) {
      case 'accepted':
        return { title: t('messages.h.accepted'), tone: 'good', detail: <Line>{t(`messages.status.${entry.status}`)}</Line> }
      case 'priced':
        return { title: t(`messages.h.priced.${entry.movement}`), icon: 'money', detail: entry.movement === 'none' ? null : <Line><Money amount={entry.amount} currency={entry.currency} /></Line> }
      case 'warning':
      case 'change':
      case 'deferred':
      case 'held':
        return {
          title: t(`messages.h.notice.${entry.type}`), tone: 'warn',
          detail: <Line><ServerWords>{entry.text}</ServerWords> <Ident>{entry.rule}</Ident>{entry.until !== undefined && <> · <Time at={entry.until} as="absolute" /></>}</Line>,
        }
      case 'routed':
        return {
          title: <>{t('messages.h.routed')} <IdLink id={entry.carrier_id}><bdi dir="auto">{entry.carrier}</bdi></IdLink></>, icon: 'route',
          detail: (
            <>
              <Line>
                {t('messages.route')}: <IdLink id={entry.route_id}><bdi dir="auto">{entry.route}</bdi></IdLink> · {t('messages.reasons')}: {reasons(entry)}
              </Line>
              {entry.because !== null && why(entry.because.error, null)}
            </>
          ),
        }
      case 'attempt':
        return {
          title: entry.segments > 1 ? t('messages.h.part', { segment: entry.segment, segments: entry.segments, outcome: t(`messages.h.outcome.${entry.outcome}`) }) : t(`messages.h.outcome.${entry.outcome}`),
          tone: OUTCOME_TONES[entry.outcome],
          icon: 'send',
          detail: (
            <>
              {entry.outcome !== 'accepted' && why(entry.error, entry.error_title)}
              <Line>
                {t('messages.h.answered', { time: format.duration(entry.milliseconds) })}
                {entry.attempt > 1 && <> · {t('messages.h.attempt', { number: entry.attempt })}</>} · <PhoneNumber value={entry.sender} />
                {entry.carrier !== undefined && <> · <bdi dir="auto">{entry.carrier}</bdi></>}
                {entry.cost && entry.currency && <> · {t('messages.cost')} <Money amount={entry.cost} currency={entry.currency} /></>}
              </Line>
              <Raw code={entry.carrier_code} title={entry.carrier_code_title} id={entry.carrier_message_id} bind={entry.bind} />
            </>
          ),
        }
      case 'outcome':
        return { title: t('messages.h.cleared', { outcome: t(`messages.h.outcome.${entry.outcome}`) }), tone: OUTCOME_TONES[entry.outcome], detail: why(entry.error, entry.error_title) }
      case 'receipt':
        return {
          title: <>{t(`messages.h.report.${entry.means}`)} <Ident>{entry.state}</Ident></>,
          tone: REPORT_TONES[entry.means],
          detail: (
            <>
              {why(entry.error, entry.error_title)}
              <Raw code={entry.carrier_code} title={entry.carrier_code_title} text={entry.raw} />
            </>
          ),
        }
      case 'delivery':
        return {
          title: t(`messages.h.delivery.${entry.status}`), tone: DELIVERY_TONES[entry.status], icon: 'webhook',
          detail: (
            <Line>
              <Ident>{entry.event}</Ident> · {entry.webhook_id === null ? t('messages.h.callback') : <IdLink id={entry.webhook_id} />}
              {entry.response_status !== null && <> · <Ident>{`HTTP ${entry.response_status}`}</Ident></>} · {t('messages.h.attempts', { number: format.number(entry.attempts) })}
              {entry.error_text !== null && <> · <ServerWords>{entry.error_text}</ServerWords></>}
              {entry.next_attempt_at !== null && <> · {t('messages.h.next')} <Time at={entry.next_attempt_at} /></>}
            </Line>
          ),
        }
      case 'message.changed':
        return { title: t('messages.h.changed'), tone: 'info', icon: 'edit' }
      case 'message.corrected':
        return { title: t('messages.h.corrected'), tone: 'good' }
      default: {
        const status = statusOf(entry.type)
        return { title: status === null ? entry.type : t(`messages.status.${status}`), tone: status === null ? 'quiet' : TONES[status] }
      }
    }
  }
}

const statusOf = (type: string): Status | null => STATUSES.find((status) => type === `message.${status}`) ?? null

const Line = ({ children }: { children: ReactNode }): ReactNode => <div className="o-moment-line">{children}</div>

type RawProps = { code?: string | null; title?: string | null; id?: string | null; bind?: string | null; text?: string }

/** What the carrier said itself: for operators, one click away. */
function Raw({ code, title, id, bind, text }: RawProps): ReactNode {
  const t = useT()
  const lines = [
    code && `${code}${title ? ` (${title})` : ''}`, id && `carrier_message_id ${id}`, bind && `bind ${bind}`, text,
  ].filter((line) => typeof line === 'string' && line !== '')
  if (lines.length === 0) return null
  return (
    <details className="o-raw">
      <summary>{t('messages.raw')}</summary>
      <Code block dir="ltr" tabIndex={0}>
        {lines.join('\n')}
      </Code>
    </details>
  )
}

// The steps of a verification as moments of its timeline: what happened, over which channel, and why.
import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { IdLink } from '../parts/IdLink'
import type { IconName } from '../parts/Icon'
import type { Tone } from '../parts/StatusBadge'
import type { Moment } from '../parts/Timeline'
import { Ident } from '../parts/Values'
import { type Detail, GuardReason, type Step } from './verification'

const LOOKS: Partial<Record<Step['what'] | 'held', { tone: Tone; icon?: IconName }>> = {
  send: { tone: 'info', icon: 'send' },
  sent: { tone: 'info' },
  delivered: { tone: 'good' },
  not_sent: { tone: 'bad' },
  skipped: { tone: 'warn' },
  wrong_code: { tone: 'warn', icon: 'key' },
  released: { tone: 'info', icon: 'play' },
  held: { tone: 'warn', icon: 'pause' },
  approved: { tone: 'good' },
  failed: { tone: 'bad' },
  exhausted: { tone: 'bad' },
  expired: { tone: 'warn', icon: 'clock' },
  blocked: { tone: 'bad', icon: 'stop' },
  canceled: { tone: 'quiet', icon: 'stop' },
}

/** Why a step was taken, of those that have a word: the others are reasons of guards. */
const REASONS = ['asked', 'resend', 'no_report', 'not_approved_in_time', 'send_failed', 'released', 'superseded', 'reported', 'restored'] as const

export function useMoments(): (one: Detail) => Moment[] {
  const t = useT()
  const reasonOf = (reason: string, { finding }: Step): ReactNode => {
    const known = REASONS.find((each) => each === reason)
    return known === undefined ? <GuardReason of={{ reason, finding }} /> : t(`verify.why.${known}`)
  }
  return (one) =>
    one.history.map((step, place) => {
      const { send, channel, code_number: code, reason, error, message_id: message } = step
      const details = [
        send !== null && channel !== null && t('verify.overChannel', { number: send, channel: t(`verify.channel.${channel}`) }),
        reason !== null && reasonOf(reason, step),
        code !== null && code > 1 && t('verify.codeNumber', { number: code }),
        error !== null && <Ident>{error}</Ident>,
        message !== null && <IdLink id={message}>{t('verify.openMessage')}</IdLink>,
      ].filter((each) => each !== false)
      return {
        id: String(place),
        at: step.at,
        title: t(`verify.step.${step.what}`),
        ...LOOKS[step.what],
        detail: details.length === 0 ? undefined : (
          <Text size="sm" c="dimmed">
            {details.map((each, at) => (
              <span key={at}>
                {at > 0 && ' · '}
                {each}
              </span>
            ))}
          </Text>
        ),
      }
    })
}

// What several pages say of a message.
import type { ReactNode } from 'react'
import type { components } from '../api/schema'
import { useT } from '../i18n/i18n'
import type { IconName } from '../parts/Icon'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { Words } from '../parts/Values'

export type Message = components['schemas']['Message']
export type Status = Message['status']

export const MESSAGES = '/v1/messages'
export const COUNTS = '/v1/messages/counts'

export const TONES: Record<Status, Tone> = {
  scheduled: 'info', queued: 'info', held: 'warn', sent: 'info', delivered: 'good', undelivered: 'bad', unconfirmed: 'warn',
  failed: 'bad', expired: 'bad', canceled: 'quiet', received: 'good',
}
const ICONS: Partial<Record<Status, IconName>> = { held: 'pause', sent: 'send', received: 'inbox', canceled: 'stop' }

export function MessageStatus({ status }: { status: Status }): ReactNode {
  const t = useT()
  return (
    <StatusBadge tone={TONES[status]} icon={ICONS[status]}>
      {t(`messages.status.${status}`)}
    </StatusBadge>
  )
}

/** The text of a message, or why there is none. */
export function MessageText({ message }: { message: Message }): ReactNode {
  const t = useT()
  if (message.text !== null) return <Words>{message.text}</Words>
  return <span className="o-absent">{message.redacted_at === null ? t('messages.binary') : t('messages.redacted')}</span>
}

/** The text of a message in a few lines. The lines have its direction, so that its end is cut off and not its beginning. */
export function MessageLines({ message }: { message: Message }): ReactNode {
  if (message.text === null) return <span className="o-clamp"><MessageText message={message} /></span>
  return <span className="o-clamp" dir="auto">{message.text}</span>
}

/** Whom the message is about: its recipient, or who sent it to us. */
export const otherEnd = (message: Message): string => (message.direction === 'inbound' ? message.from : message.to)

/** A message of the live feed. Other events give null. */
export function messageOf(event: { type: string; data: unknown }): Message | null {
  if (!event.type.startsWith('message.')) return null
  const { data } = event
  // The feed carries the body of a webhook, whose `data` is the message.
  return typeof data === 'object' && data !== null && 'data' in data ? (data.data as Message) : null
}

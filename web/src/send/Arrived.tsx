// The simulated handset that a test message went to, in place of the preview: what became of the message, what the handset
// shows, and a field to answer from it.
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef } from 'react'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { isOpen } from '../messages/history'
import { type Message, MessageStatus } from '../messages/message'
import { messageQuery } from '../messages/reading'
import { IdLink } from '../parts/IdLink'
import { TextLink } from '../parts/Link'
import { Found } from '../parts/States'
import { PhoneNumber } from '../parts/Values'
import { Write } from '../sandbox/Phone'
import { Screen, useHandset } from '../sandbox/Screen'
import '../sandbox/sandbox.css'

const EVERY_MS = 1_000

/** `now`: it was sent right now, and is what one looks at next. */
export function Arrived({ id, now }: { id: string; now: boolean }): ReactNode {
  const api = useApi()
  const query = useQuery({
    ...messageQuery(api, id),
    refetchInterval: ({ state }) => (state.data === undefined || isOpen(state.data.status) ? EVERY_MS : false),
  })
  return <Found query={query} rows={4}>{(message) => <Phone message={message} now={now} />}</Found>
}

function Phone({ message, now }: { message: Message; now: boolean }): ReactNode {
  const t = useT()
  const number = message.to
  const list = useHandset(number)
  const head = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (now) head.current?.focus()
  }, [message.id, now])
  const sender = message.sender_used ?? message.from
  return (
    <section className="o-phone" aria-label={t('sandbox.handset', { number })}>
      <h2 className="o-phone-head" ref={head} tabIndex={-1}><PhoneNumber value={number} /></h2>
      <p className="o-phone-state" role="status">
        <MessageStatus status={message.status} /> <IdLink id={message.id}>{t('send.itsMessage')}</IdLink>
      </p>
      <Screen list={list} />
      {/^\+?\d+$/.test(sender) ? <Write number={number} sender={sender} answers /> : <p className="o-phone-form o-phone-quiet">{t('send.noAnswer')}</p>}
      <p className="o-phone-state">
        <TextLink size="sm" to="/messages" search={{ number }}>{t('send.conversation')}</TextLink>
        <TextLink size="sm" to="/sandbox" search={{ tab: 'phones', number }}>{t('send.toSandbox')}</TextLink>
      </p>
    </section>
  )
}
